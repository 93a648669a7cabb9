import { beforeEach, describe, expect, it } from 'vitest'
import type { EventRow } from '../../src/events/job.js'
import { reportPaidFine } from '../../src/payments/fines/reportPaidFine.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { exchangeOfTest } from '../support/exchange.js'
import { keyOf } from '../support/keyOf.js'
import { payingAtBank } from './paying.js'

const registry = exchangeOfTest()
const paying = await payingAtBank({ exchange: registry.exchange })
const { client, ask, start, selection } = paying

/** What the registry has, by number. */
const fines = new Map<string, { amount: string; state: string }>()
let numbers = 0
/** A fine of its own for each test. */
const newFine = (amount = '40.00') => {
  const number = String(++numbers)
  fines.set(number, { amount, state: 'UNPAID' })
  return { series: 'AA', number }
}
beforeEach(() => {
  registry.failing.clear()
  registry.saying.set('FINES', (message) => {
    const [, series, number = ''] = message.path
    const fine = fines.get(number)
    if (!fine) return null
    if (!('key' in message)) return { series, number, currency: 'AZN', dueOn: '2026-12-01', ...fine }
    const recorded = fine.state === 'UNPAID'
    fine.state = 'PAID'
    return { series, number, key: message.key, recorded, state: 'PAID' }
  })
})

/** Without signing in. */
const startAsNobody = (charges: object[]) => start(charges, { idempotencyKey: `a-key-of-a-browser-${++keys}` }, {})
let keys = 0
const chargesOf = ({ number }: { number: string }) =>
  client<{ id: string; number: string; state: string; amount: string; party_id: string | null }[]>`
    select id, number, state, amount, party_id from charges where reference = ${`AA ${number}`} order by raised_at, id`
const find = async (fine: object) => {
  const query = 'query ($by: FindChargeInput!) { findCharge(by: $by) { record { payable reason } } }'
  const { data } = await ask(query, { variables: { by: { fine } } })
  return data.findCharge.record
}

describe('startPayment of a fine', () => {
  it('lets anybody pay it once: the agency is paid, and the registry hears of it', async () => {
    const fine = newFine()
    expect(await find(fine)).toEqual({ payable: true, reason: null })
    expect(await chargesOf(fine)).toEqual([])
    const { payload, reasons } = await startAsNobody([{ fine }])
    expect(reasons).toEqual([])
    const [charge] = await chargesOf(fine)
    expect(charge).toMatchObject({ state: 'OPEN', amount: '4000', party_id: null })
    expect(payload.payment).toMatchObject({
      money: { amount: '40.00', currency: 'AZN' },
      items: [{ chargeNumber: charge?.number }],
    })
    const payment = { ...payload.payment, key: keyOf(payload.payment.id) }
    await paying.open(new URL(payment.checkoutUrl).pathname)
    await paying.play(payment.key, 'capture')
    await paying.check(payment.key)
    expect((await chargesOf(fine)).map(({ state }) => state)).toEqual(['PAID'])
    // The registry has not heard of it yet.
    expect(await find(fine)).toEqual({ payable: false, reason: 'PAID' })
    await reportPaidFine.run({ subject: charge?.id } as EventRow, paying.work) // it reads only this
    expect(fines.get(fine.number)?.state).toBe('PAID')
    expect(registry.told.at(-1)?.change).toMatchObject({ key: charge?.id, body: { amount: '40.00', currency: 'AZN' } })
    expect((await startAsNobody([{ fine }])).reasons).toEqual(['charge.paid'])
  })

  it.each([
    ['paid in another way', 'PAID', 'charge.paid'],
    ['cancelled', 'CANCELLED', 'charge.cancelled'],
    ['expired', 'EXPIRED', 'charge.expired'],
    ['in an unknown state', 'SUSPENDED', 'fine.not_payable'],
  ])('refuses one that is %s by then, and raises nothing', async (_, state, reason) => {
    const fine = newFine()
    expect((await find(fine)).payable).toBe(true)
    fines.set(fine.number, { amount: '40.00', state })
    expect((await startAsNobody([{ fine }])).reasons).toEqual([reason])
    expect(await chargesOf(fine)).toEqual([])
  })

  it('refuses an unknown fine, one that the registry cannot be asked for, and one of no amount', async () => {
    expect((await startAsNobody([{ fine: { series: 'AA', number: '0' } }])).reasons).toEqual(['payment.unknown_charge'])
    expect((await startAsNobody([{ fine: newFine('0.00') }])).reasons).toEqual(['fine.not_payable'])
    registry.failing.set('FINES', FailureReason.DOWN)
    expect((await startAsNobody([{ fine: newFine() }])).reasons).toEqual(['fine.unavailable'])
  })

  it('raises one charge for two payers at once', async () => {
    const [one, other] = [newFine(), newFine()]
    const outcomes = await Promise.all([
      startAsNobody([{ fine: one }, { fine: other }]),
      startAsNobody([{ fine: other }, { fine: one }]),
      start([{ fine: one }]),
    ])
    expect(outcomes.map(({ reasons }) => reasons)).toEqual([[], [], []])
    for (const fine of [one, other]) expect(await chargesOf(fine)).toHaveLength(1)
  })

  it('refuses the same fine twice in one payment, in any spelling', async () => {
    const fine = newFine()
    const { reasons } = await startAsNobody([{ fine }, { fine: { ...fine, series: 'a-a' } }])
    expect(reasons).toEqual(['payment.charge_twice'])
    expect(await chargesOf(fine)).toEqual([])
  })

  it('replaces the charge of a fine whose amount the registry has changed', async () => {
    const fine = newFine()
    await startAsNobody([{ fine }])
    fines.set(fine.number, { amount: '60.00', state: 'UNPAID' })
    const { payload } = await startAsNobody([{ fine }])
    expect(payload.payment.money.amount).toBe('60.00')
    expect((await chargesOf(fine)).map(({ state, amount }) => [state, amount])).toEqual([
      ['CANCELLED', '4000'],
      ['OPEN', '6000'],
    ])
  })

  it('returns the stored payment for a repeat of an anonymous payer', async () => {
    const fine = newFine()
    const mutation = `mutation ($input: StartPaymentInput!) { startPayment(input: $input) { replayed ${selection} } }`
    const input = { charges: [{ fine }], method: 'CARD', idempotencyKey: 'a-key-of-a-repeat' }
    const answers = [await ask(mutation, { variables: { input } }), await ask(mutation, { variables: { input } })]
    const [first, again] = answers.map(({ data }) => data.startPayment)
    expect([first.replayed, again.replayed, again.payment.id]).toEqual([false, true, first.payment.id])
    expect(await chargesOf(fine)).toHaveLength(1)
  })
})
