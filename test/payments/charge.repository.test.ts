import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { keyToEncrypt } from '../../src/identity/parties/party.js'
import {
  applyToCharges,
  awaitedUntil,
  cancelCharges,
  expireCharges,
  type NewCharge,
  raiseCharges,
  reopenCharge,
} from '../../src/payments/charges/charge.repository.js'
import { refusalToPay } from '../../src/payments/charges/charge.rules.js'
import { ChargeSubject, charges } from '../../src/payments/charges/charge.table.js'
import { chargeLines } from '../../src/payments/charges/chargeLine.table.js'
import { PaymentMethod, PaymentState, payments } from '../../src/payments/checkout/payment.table.js'
import { paymentItems } from '../../src/payments/checkout/paymentItem.table.js'
import { decrypt, indexed } from '../../src/platform/personal.js'
import type { Transaction } from '../../src/platform/seeding.js'
import { readCode } from '../../src/shared/code.js'
import { readNumber } from '../../src/shared/number.js'
import { partyOfFin } from '../support/appointed.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const { db, client } = database
const recorded = { at: new Date('2026-11-25T08:00:00Z'), actor: 'a test' }
const later = { at: new Date('2026-11-26T08:00:00Z'), actor: 'a test' }
const inTx = <Result>(act: (tx: Transaction) => Promise<Result>) => db.transaction(act)
const [agency] = await db.select().from(agencies).limit(1)
const agencyId = agency?.id as string // in the data
const partyId = await partyOfFin(database, 'TEST001')
const lines = [
  { name: { az: 'Dövlət rüsumu' }, amount: 3000n },
  { name: { az: 'Xidmət haqqı' }, amount: 50n },
]
const raise = async (more: Partial<NewCharge> = {}) => {
  const subjectId = v7()
  const charge = {
    agencyId,
    partyId,
    subjectType: ChargeSubject.APPLICATION,
    subjectId,
    currency: 'AZN',
    lines,
    ...more,
  }
  const [raised] = await inTx((tx) => raiseCharges(tx, keyring, [charge], recorded))
  return { subjectId, id: raised?.id as string, raised }
}
const rowOf = async (id: string) => (await db.select().from(charges).where(eq(charges.id, id)))[0]!
const eventsOf = async (id: string) =>
  (await client`select type from events where subject = ${id} order by id`).map(({ type }) => type)
const pay = (id: string, amount: bigint) =>
  inTx(async (tx) => (await applyToCharges(tx, [{ id, amount }], recorded.at, later)).has(id))

describe('raiseCharges', () => {
  it('writes a numbered charge with its lines, a code and an event', async () => {
    const { id, subjectId, raised } = await raise({ serviceCode: 'DIN-ADDRESS-REG' })
    expect(raised).toMatchObject({ state: 'OPEN', amount: 3050n, paid: 0n, revision: 1, raisedAt: recorded.at })
    expect(readNumber(raised?.number ?? '')).toMatch(/^C26-/)
    const key = await inTx((tx) => keyToEncrypt(tx, keyring, partyId))
    const code = decrypt(key, charges, await rowOf(id)).code ?? ''
    expect(raised?.codeIndex).toBe(indexed(keyring, charges.codeIndex, readCode(code)))
    const written = await db.select().from(chargeLines).where(eq(chargeLines.chargeId, id))
    expect(written.map(({ amount }) => amount)).toEqual([3000n, 50n])
    const [event] = await client`select * from events where subject = ${id}`
    expect(event).toMatchObject({
      domain: 'payments',
      type: 'charge.raised',
      party_id: partyId,
      service_code: 'DIN-ADDRESS-REG',
      ids: { about: subjectId },
    })
  })

  it('leaves out a reference that an open or paid charge of the agency has', async () => {
    const fine = { partyId: null, subjectType: ChargeSubject.FINE, subjectId: undefined, reference: v7() }
    const { id, raised } = await raise(fine)
    expect(raised).toMatchObject({ code: null })
    expect((await raise(fine)).raised).toBeUndefined()
    await pay(id, 3050n)
    expect((await raise(fine)).raised).toBeUndefined()
    expect((await raise({ ...fine, subjectType: ChargeSubject.OTHER })).raised).toBeDefined()
  })
})

describe('applyToCharges', () => {
  it.each([
    ['less', 3049n, false],
    ['more', 3051n, false],
    ['the amount', 3050n, true],
  ])('pays a charge whole or not at all: %s', async (_, amount, outcome) => {
    const { id } = await raise()
    expect(await pay(id, amount)).toBe(outcome)
    expect((await rowOf(id)).state).toBe(outcome ? 'PAID' : 'OPEN')
  })

  it('pays those of several charges that are open, each with its own amount', async () => {
    const [open, cancelled, other] = [await raise(), await raise(), await raise()]
    await inTx((tx) => cancelCharges(tx, cancelled.subjectId, later))
    const items = [
      { id: open.id, amount: 3050n },
      { id: cancelled.id, amount: 3050n },
      { id: other.id, amount: 1n },
    ]
    const paid = await inTx((tx) => applyToCharges(tx, items, recorded.at, later))
    expect([...paid]).toEqual([open.id])
    expect((await rowOf(other.id)).paid).toBe(0n)
  })

  it('pays a charge once, with the moment of the payment, until the bank takes it back', async () => {
    const { id } = await raise({ payBy: later.at })
    const both = await Promise.all([pay(id, 3050n), pay(id, 3050n)])
    expect(both.sort()).toEqual([false, true])
    expect(await rowOf(id)).toMatchObject({ state: 'PAID', paid: 3050n, paidAt: recorded.at, changedAt: later.at })
    expect(await inTx((tx) => reopenCharge(tx, id, later))).toBe(true)
    expect(await inTx((tx) => reopenCharge(tx, id, later))).toBe(false)
    expect(await rowOf(id)).toMatchObject({ state: 'OPEN', paid: 0n, paidAt: null, payBy: null, revision: 3 })
    expect(await pay(id, 3050n)).toBe(true)
    expect(await eventsOf(id)).toEqual(['charge.raised', 'charge.paid', 'charge.reopened', 'charge.paid'])
  })
})

describe('cancelCharges and expireCharges', () => {
  it.each([
    ['CANCELLED', cancelCharges, 'charge.cancelled'],
    ['EXPIRED', expireCharges, 'charge.expired'],
  ])('make the open charges of a subject %s, and leave its paid ones', async (state, end, event) => {
    const { id, subjectId } = await raise()
    const paid = await raise({ subjectId })
    await pay(paid.id, 3050n)
    expect((await inTx((tx) => end(tx, subjectId, later))).map((one) => one.id)).toEqual([id])
    expect(await rowOf(id)).toMatchObject({ state, endedAt: later.at })
    expect((await rowOf(paid.id)).state).toBe('PAID')
    expect(await eventsOf(id)).toEqual(['charge.raised', event])
    expect(await pay(id, 3050n)).toBe(false)
  })
})

describe('awaitedUntil', () => {
  it('returns the end of the last session of a payment under way', async () => {
    const { id, subjectId } = await raise()
    const until = () => inTx((tx) => awaitedUntil(tx, subjectId))
    expect(await until()).toBeUndefined()
    const begin = async (state: PaymentState, expiresAt: Date) => {
      const [amount, currency, at] = [3050n, 'AZN', recorded.at]
      const money = { amount, currency, provider: 'BANK', method: PaymentMethod.CARD, anonymous: false }
      const times = { createdAt: at, changedAt: at, expiresAt, endedAt: state === PaymentState.FAILED ? at : null }
      const paymentId = v7()
      await db
        .insert(payments)
        .values({ id: paymentId, number: paymentId, partyId, language: 'az', state, ...money, ...times })
      await db.insert(paymentItems).values({ paymentId, position: 0, chargeId: id, amount, currency })
    }
    await begin(PaymentState.CREATED, recorded.at)
    await begin(PaymentState.PENDING, later.at)
    await begin(PaymentState.FAILED, new Date('2027-01-01T00:00:00Z'))
    expect(await until()).toEqual(later.at)
    await pay(id, 3050n)
    expect(await until()).toBeUndefined()
  })
})

describe('refusalToPay', () => {
  const { at: now } = recorded
  const early = new Date('2026-11-24T08:00:00Z')
  it.each([
    ['an open charge', 'OPEN', 'APPLICATION', null, undefined],
    ['an open charge on its last day', 'OPEN', 'APPLICATION', now, undefined],
    ['a charge of an application that is over', 'OPEN', 'APPLICATION', early, 'charge.expired'],
    ['a late charge of an agency', 'OPEN', 'OTHER', early, undefined],
    ['a paid charge', 'PAID', 'APPLICATION', null, 'charge.paid'],
    ['a cancelled charge', 'CANCELLED', 'APPLICATION', null, 'charge.cancelled'],
    ['an expired charge', 'EXPIRED', 'APPLICATION', null, 'charge.expired'],
  ] as const)('is about %s', (_, state, subjectType, payBy, refusal) => {
    const charge = { state, subjectType, payBy } as Parameters<typeof refusalToPay>[0] // the names of the enums
    expect(refusalToPay(charge, now)).toBe(refusal)
  })
})
