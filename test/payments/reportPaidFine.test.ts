import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import type { EventRow } from '../../src/events/job.js'
import { applyToCharges, type NewCharge, raiseCharge } from '../../src/payments/charges/charge.repository.js'
import { ChargeSubject } from '../../src/payments/charges/charge.table.js'
import { PaymentMethod, PaymentState, payments } from '../../src/payments/checkout/payment.table.js'
import { paymentItems } from '../../src/payments/checkout/paymentItem.table.js'
import { reportPaidFine } from '../../src/payments/fines/reportPaidFine.js'
import { applied, post, suspense } from '../../src/payments/ledger/post.js'
import { LedgerTransferKind } from '../../src/payments/ledger/transfer.table.js'
import { FailureReason } from '../../src/shared/exchange.js'
import { workOf } from '../events/happened.js'
import { cloneDatabase } from '../support/database.js'
import { exchangeOfTest } from '../support/exchange.js'
import { partiesIn } from '../support/parties.js'
import { keyringOfFile as keyring } from '../support/server.js'

const database = await cloneDatabase()
const { db, client } = database
const registry = exchangeOfTest()
const at = new Date('2026-11-25T08:00:00Z')
const work = { ...workOf(database, () => at).work, exchange: registry.exchange }
const run = (subject: string) => reportPaidFine.run({ subject } as EventRow, work) // it reads only this
const recorded = { at, actor: 'a test' }
const [agency] = await db.select().from(agencies).limit(1)
const agencyId = agency?.id as string // in the data
const partyId = await partiesIn(database).person()
let fines = 0

/** A charge that a payment has paid. */
const paidCharge = (more: Partial<NewCharge> = {}) =>
  db.transaction(async (tx) => {
    const fine = { agencyId, subjectType: ChargeSubject.FINE, reference: `AA ${++fines}`, currency: 'AZN' }
    const charge = await raiseCharge(
      tx,
      keyring,
      { ...fine, lines: [{ name: { az: 'Cərimə' }, amount: 4000n }], ...more },
      recorded,
    )
    const [id, paymentId] = [charge?.id as string, v7()] // its reference is new
    await applyToCharges(tx, [{ id, amount: 4000n }], at, recorded)
    await tx.insert(payments).values({
      id: paymentId,
      number: paymentId,
      partyId,
      anonymous: true,
      provider: 'BANK',
      method: PaymentMethod.CARD,
      amount: 4000n,
      currency: 'AZN',
      state: PaymentState.SUCCEEDED,
      language: 'az',
      createdAt: at,
      expiresAt: at,
      changedAt: at,
      capturedAt: at,
    })
    const item = { paymentId, position: 0, chargeId: id, amount: 4000n, currency: 'AZN' }
    await tx.insert(paymentItems).values(item)
    const moved = { debit: suspense, credit: applied(agencyId), amount: 4000n, currency: 'AZN' }
    await post(tx, [{ ...moved, kind: LedgerTransferKind.APPLY, paymentId, chargeId: id, at }])
    return { id, paymentId, reference: charge?.reference ?? '' }
  })
const says = (answer: object | null) =>
  registry.saying.set('FINES', ({ path }) => {
    const [, series, number] = path
    return answer && { series, number, key: 'a key', ...answer }
  })
const differences = (chargeId: string) =>
  client`select kind, provider, subject, agency_id, payment_id, amount, state from reconciliations where charge_id = ${chargeId}`

describe('reportPaidFine', () => {
  it('tells the registry under the key of the charge, the same for each repeat, and names no person', async () => {
    says({ recorded: true, state: 'PAID' })
    const { id, reference } = await paidCharge()
    registry.told.length = 0
    for (const _ of [1, 2]) await run(id)
    const told = {
      service: 'fines',
      path: ['protocols', 'AA', reference.split(' ')[1], 'payments'],
      key: id,
      body: { amount: '40.00', currency: 'AZN', paidAt: at.toISOString() },
      userId: 'reportPaidFine',
      deadline: expect.any(Number),
    }
    expect(registry.told.map(({ change }) => change)).toEqual([told, told])
    expect(await differences(id)).toEqual([])
  })

  it.each([FailureReason.DOWN, FailureReason.TIMED_OUT, FailureReason.NOT_CONNECTED, FailureReason.INVALID_ANSWER])(
    'fails, and so is repeated, while the registry is %s',
    async (reason) => {
      const { id } = await paidCharge()
      registry.failing.set('FINES', reason)
      await expect(run(id)).rejects.toThrow(reason)
      registry.failing.clear()
      expect(await differences(id)).toEqual([])
    },
  )

  it.each([
    ['says that it was paid in another way', { recorded: false, state: 'PAID' }],
    ['has cancelled it', { recorded: false, state: 'CANCELLED' }],
    ['does not know it any more', null],
  ])('records one difference for the finance officers if the registry %s', async (_, answer) => {
    says(answer)
    const { id, paymentId } = await paidCharge()
    for (const _ of [1, 2]) await run(id)
    expect(await differences(id)).toEqual([
      {
        kind: 'NOT_NOTIFIED',
        provider: 'BANK',
        subject: id,
        agency_id: agencyId,
        payment_id: paymentId,
        amount: '4000',
        state: 'OPEN',
      },
    ])
    const found =
      await client`select agency_id from events where type = 'difference.found' and ids->>'payment' = ${paymentId}`
    expect(found).toEqual([{ agency_id: agencyId }])
  })

  it('tells nothing of another charge, and of one whose money the bank has taken back', async () => {
    const other = await paidCharge({ subjectType: ChargeSubject.OTHER })
    const reversed = await paidCharge()
    await client`update charges set state = 'OPEN', paid = 0, paid_at = null where id = ${reversed.id}`
    registry.told.length = 0
    for (const { id } of [other, reversed]) await run(id)
    expect(registry.told).toEqual([])
  })
})
