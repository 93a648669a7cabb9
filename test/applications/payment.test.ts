import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { agencies } from '../../src/agencies/agency.table.js'
import { expireApplication } from '../../src/applications/drafts/expireApplication.js'
import { applicationFees } from '../../src/applications/submission/applicationFee.table.js'
import { raiseChargesFor } from '../../src/applications/submission/charges.js'
import { recordPayment } from '../../src/applications/submission/recordPayment.js'
import { applicationTransfers, TransferKind } from '../../src/applications/transfers/applicationTransfer.table.js'
import { paying } from '../../src/applications/transition.rules.js'
import { FeeDue, fees } from '../../src/catalogue/tariffs/fee.table.js'
import { issuedDocuments } from '../../src/documents/issued/issuedDocument.table.js'
import { nodeIdOf } from '../../src/engine/node.js'
import { deadlines } from '../../src/events/deadline.table.js'
import { OfficerRole } from '../../src/identity/officers/appointment.table.js'
import { keyToEncrypt } from '../../src/identity/parties/party.js'
import { applyToCharges, reopenCharge } from '../../src/payments/charges/charge.repository.js'
import { charges } from '../../src/payments/charges/charge.table.js'
import { PaymentMethod, PaymentState, payments } from '../../src/payments/checkout/payment.table.js'
import { paymentItems } from '../../src/payments/checkout/paymentItem.table.js'
import { decrypt } from '../../src/platform/personal.js'
import { insertApplication } from '../support/applicationRow.js'
import { applyingOf, registrars, start } from '../support/applying.js'
import { appointed } from '../support/appointed.js'
import { keyringOfFile as keyring } from '../support/server.js'

const { database, clock, send, outcomeOf, run, read, timelineOf, partyOf, rowOf } = await applyingOf()
const { db } = database
const finance = 'finance-officer'
beforeAll(async () => {
  await registrars(database)
  await appointed(database, finance, 'DVX', [OfficerRole.FINANCE])
  await appointed(database, 'senior-officer', 'DVX', [OfficerRole.APPROVER])
})
beforeEach(() => clock.set(start))

type State = Parameters<typeof insertApplication>[2]['state']

/** An application to the agency of the finance officers, with a fee. Null: it is unknown. */
async function owing(state: State, due: FeeDue, amount: bigint | null, more = {}, service = 'DVX-LLC-REG') {
  const partyId = await partyOf('citizen')
  const key = await insertApplication(database, keyring, { partyId, service, state, more })
  const { tariffId, number, revision } = await rowOf(key)
  const [fee] = await db
    .select()
    .from(fees)
    .where(eq(fees.tariffId, tariffId ?? ''))
  const line = { applicationId: key, feeId: fee?.id ?? '', position: 0, amount, currency: 'AZN', due }
  await db.insert(applicationFees).values(line)
  const row = await rowOf(key)
  if (paying[row.state] === due)
    await db.transaction((tx) =>
      raiseChargesFor(tx, keyring, row, { due, payBy: row.payBy, at: start, actor: 'a test' }),
    )
  return { key, number, code: fee?.code, id: nodeIdOf('Application', key), revision }
}
type Owing = Awaited<ReturnType<typeof owing>>
const assess = ({ id, revision, code }: Owing, amount = '40', by = finance, more = {}) =>
  outcomeOf(by, 'assessFee', {
    applicationId: id,
    revision,
    fees: [{ code, amount }],
    computation: '2 × 20 AZN',
    ...more,
  })
const chargesOf = ({ key }: Pick<Owing, 'key'>) =>
  db.select().from(charges).where(eq(charges.subjectId, key)).orderBy(charges.id)
/** Pays the open charges of an application at that moment, and tells it. */
async function pay(found: Pick<Owing, 'key'>, at = start, currency = 'AZN') {
  const open = (await chargesOf(found)).filter((one) => one.state === 'OPEN' && one.currency === currency)
  for (const { id, amount } of open) {
    await db.transaction((tx) => applyToCharges(tx, [{ id, amount }], at, { at: clock.now(), actor: 'a test' }))
    await tell(found, id, 'charge.paid', at)
  }
  return open
}
const tell = ({ key: about }: Pick<Owing, 'key'>, id: string, type: string, at = start) =>
  run(recordPayment, id, type, at, { about })
/** Somebody is paying a charge until then. */
async function startPaying(chargeId: string, expiresAt: Date) {
  const [id, partyId, of] = [v7(), await partyOf('citizen'), { amount: 500n, currency: 'AZN' }]
  const how = { anonymous: false, provider: 'BANK', method: PaymentMethod.CARD, language: 'az' }
  const times = { createdAt: start, changedAt: start, expiresAt }
  await db.insert(payments).values({ id, number: id, partyId, state: PaymentState.PENDING, ...of, ...how, ...times })
  await db.insert(paymentItems).values({ paymentId: id, position: 0, chargeId, ...of })
  return id
}
const inThirtyDays = new Date('2026-12-25T14:00:00Z')

describe('assessFee', () => {
  it('lets an officer with the role FINANCE read what they assess, once they have opened it', async () => {
    const { id, number } = await owing('REGISTERED', FeeDue.AFTER_APPROVAL, null)
    expect((await read(number, 'content { answers }', finance)).content).toBeNull()
    expect(await outcomeOf(finance, 'openApplication', { applicationId: id, reason: 'Rüsum' })).toBe('done')
    expect((await read(number, 'content { answers }', finance)).content).toEqual({ answers: {} })
  })

  it('records an amount with its computation, and starts the time to pay', async () => {
    const found = await owing('AWAITING_ASSESSMENT', FeeDue.BEFORE_REGISTRATION, null)
    expect(await assess(found)).toBe('done')
    const shown = await read(
      found.number,
      'state payBy fees { money { amount currency } assessedAt paidAt }',
      'citizen',
    )
    expect(shown).toEqual({
      state: 'AWAITING_PAYMENT',
      payBy: inThirtyDays.toISOString(),
      fees: [{ money: { amount: '40.00', currency: 'AZN' }, assessedAt: start.toISOString(), paidAt: null }],
    })
    const { timeline } = await read(
      found.number,
      'timeline(last: 1) { nodes { type text dueOn dueReason } }',
      'citizen',
    )
    expect(timeline.nodes).toEqual([
      { type: 'application.fee_assessed', text: '2 × 20 AZN', dueOn: '2026-12-25', dueReason: 'term.payment' },
    ])
    const [charge, ...others] = await chargesOf(found)
    const about = { subjectType: 'APPLICATION', reference: found.number }
    const due = { ...about, due: 'BEFORE_REGISTRATION', amount: 4000n, payBy: inThirtyDays }
    expect(charge).toMatchObject({ state: 'OPEN', currency: 'AZN', serviceCode: 'DVX-LLC-REG', ...due })
    expect(others).toEqual([])
  })

  it('hides an application that awaits a payment from officers until it is paid', async () => {
    const found = await owing('AWAITING_ASSESSMENT', FeeDue.BEFORE_REGISTRATION, null)
    expect((await read(found.number, 'state', finance)).state).toBe('AWAITING_ASSESSMENT')
    expect(await assess(found)).toBe('done')
    expect(await read(found.number, 'state', finance)).toBeNull()
    expect(await assess({ ...found, revision: 2 })).toBe('application.unknown')
    await pay(found)
    expect((await read(found.number, 'state', finance)).state).toBe('SUBMITTED')
  })

  it('passes an application on whose amount is assessed as 0', async () => {
    const found = await owing('AWAITING_ASSESSMENT', FeeDue.BEFORE_REGISTRATION, null)
    expect(await assess(found, '0')).toBe('done')
    expect(await rowOf(found.key)).toMatchObject({ state: 'SUBMITTED', payBy: null })
    expect(await chargesOf(found)).toEqual([])
  })

  it.each([
    ['an officer of another role', 'senior-officer', {}, 'FORBIDDEN'],
    ['the applicant', 'citizen', {}, 'FORBIDDEN'],
    ['no computation', finance, { computation: ' ' }, 'MISSING'],
    ['no fee', finance, { fees: [] }, 'assessment.fees'],
    ['a fee of another tariff', finance, { fees: [{ code: 'NONE', amount: '1' }] }, 'assessment.fee'],
    ['half a coin', finance, { fees: [{ code: 'STATE_DUTY', amount: '1.005' }] }, 'fee.digits'],
  ])('rejects %s', async (_, by, more, outcome) => {
    const found = await owing('AWAITING_ASSESSMENT', FeeDue.BEFORE_REGISTRATION, null)
    const { error, userErrors } = await send(by, 'assessFee', {
      applicationId: found.id,
      revision: found.revision,
      fees: [{ code: found.code, amount: '1' }],
      computation: 'So',
      ...more,
    })
    expect([error?.extensions.code, userErrors?.[0]?.reason, userErrors?.[0]?.code]).toContain(outcome)
    expect((await rowOf(found.key)).state).toBe('AWAITING_ASSESSMENT')
  })
})

describe('recordPayment', () => {
  it('records a payment once, and stops the time to pay', async () => {
    const found = await owing('APPROVED', FeeDue.AFTER_APPROVAL, null, { decidedAt: start })
    expect(await assess(found)).toBe('done')
    expect(await rowOf(found.key)).toMatchObject({ state: 'AWAITING_FEE', payBy: inThirtyDays })
    const [charge] = await pay(found)
    await tell(found, charge!.id, 'charge.paid')
    expect(await rowOf(found.key)).toMatchObject({ state: 'APPROVED', payBy: null, revision: 3 })
    const shown = await read(found.number, 'fees { paidAt }', 'citizen')
    expect(shown.fees).toEqual([{ paidAt: start.toISOString() }])
    expect(await database.client`select 1 from deadlines where subject = ${found.key}`).toHaveLength(0)
    expect((await timelineOf(found.number)).at(-1)).toMatchObject({ type: 'application.paid', toState: 'APPROVED' })
  })

  it('takes a payment at the hand-over, without which nothing is handed over', async () => {
    const officerId = await partyOf('registration-deputy')
    const more = { decidedAt: start, officerId, payBy: inThirtyDays }
    const found = await owing('READY', FeeDue.AT_HANDOVER, 500n, more, 'DIN-ADDRESS-REG')
    const complete = async () => {
      const { revision } = await rowOf(found.key)
      return await outcomeOf('registration-deputy', 'completeApplication', { applicationId: found.id, revision })
    }
    expect(await complete()).toBe('application.unpaid')
    await pay(found)
    expect(await rowOf(found.key)).toMatchObject({ state: 'READY', payBy: null })
    expect(await complete()).toBe('done')
  })
})

describe('recordPayment', () => {
  it('begins the term at the payment, and waits for the charge in each currency', async () => {
    const found = await owing('AWAITING_PAYMENT', FeeDue.BEFORE_REGISTRATION, 500n, { payBy: inThirtyDays })
    const [charge] = await chargesOf(found)
    const second = { ...charge!, id: v7(), number: v7(), currency: 'USD' }
    await db.insert(charges).values(second)
    const [line] = await db.select().from(applicationFees).where(eq(applicationFees.applicationId, found.key))
    const [, other] = await db.select().from(fees)
    await db
      .insert(applicationFees)
      .values({ ...line!, id: v7(), feeId: other!.id, currency: 'USD', chargeId: second.id })
    const paidAt = new Date('2026-11-26T19:59:59Z')
    clock.set(new Date('2026-11-27T08:00:00Z'))
    await pay(found)
    expect((await rowOf(found.key)).state).toBe('AWAITING_PAYMENT')
    await pay(found, paidAt, 'USD')
    expect(await rowOf(found.key)).toMatchObject({ state: 'SUBMITTED', payBy: null, changedAt: clock.now() })
    expect((await timelineOf(found.number)).at(-1)).toMatchObject({
      type: 'application.paid',
      at: paidAt.toISOString(),
    })
  })

  it('keeps an application where it is when the bank takes the money back, and hands nothing over', async () => {
    const officerId = await partyOf('registration-deputy')
    const more = { decidedAt: start, officerId, payBy: inThirtyDays }
    const found = await owing('AWAITING_FEE', FeeDue.AFTER_APPROVAL, 500n, more, 'DIN-ADDRESS-REG')
    const [charge] = await pay(found)
    await db.transaction((tx) => reopenCharge(tx, charge!.id, { at: start, actor: 'a test' }))
    await tell(found, charge!.id, 'charge.reopened')
    const { state, payBy, revision } = await rowOf(found.key)
    expect([state, payBy]).toEqual(['READY', null])
    expect((await timelineOf(found.number)).at(-1)).toMatchObject({ type: 'application.payment_reversed' })
    const complete = { applicationId: found.id, revision }
    expect(await outcomeOf('registration-deputy', 'completeApplication', complete)).toBe('application.unpaid')
    expect(await read(found.number, 'fees { paidAt }', 'citizen')).toEqual({ fees: [{ paidAt: null }] })
    await pay(found)
    expect((await timelineOf(found.number)).at(-1)).toMatchObject({ type: 'application.payment_reversed' })
    expect(await outcomeOf('registration-deputy', 'completeApplication', complete)).toBe('done')
  })
})

describe('charges', () => {
  it('are shown to the applicant, with PAY', async () => {
    const found = await owing('AWAITING_PAYMENT', FeeDue.BEFORE_REGISTRATION, 500n, { payBy: inThirtyDays })
    const shown =
      'charges { money { amount currency } lines { money { amount } } viewerCan { action allowed } } viewerCan { action allowed }'
    const { charges, viewerCan } = await read(found.number, shown, 'citizen')
    expect(charges).toEqual([
      {
        money: { amount: '5.00', currency: 'AZN' },
        lines: [{ money: { amount: '5.00' } }],
        viewerCan: [
          { action: 'PAY', allowed: true },
          { action: 'CANCEL', allowed: false },
        ],
      },
    ])
    expect(viewerCan).toContainEqual({ action: 'PAY', allowed: true })
  })

  it('end with the application', async () => {
    const found = await owing('AWAITING_PAYMENT', FeeDue.BEFORE_REGISTRATION, 500n, { payBy: inThirtyDays })
    expect(await outcomeOf('citizen', 'withdrawApplication', { applicationId: found.id })).toBe('done')
    expect(await chargesOf(found)).toMatchObject([{ state: 'CANCELLED', endedAt: start }])
  })
})

describe('decideApplication', () => {
  it('says in the decision and the timeline by when an approval is to be paid', async () => {
    const officerId = await partyOf('registration-deputy')
    const more = { officerId, registeredAt: start, dueAt: inThirtyDays }
    const found = await owing('IN_REVIEW', FeeDue.AFTER_APPROVAL, 500n, more, 'DIN-ADDRESS-REG')
    const { id: applicationId, revision } = found
    const input = { applicationId, revision, outcome: 'APPROVED' }
    expect(await outcomeOf('registration-deputy', 'decideApplication', input)).toBe('done')
    const shown = 'state decisions { outcome } timeline(last: 1) { nodes { dueOn dueReason } }'
    const { decisions, ...rest } = await read(found.number, shown, 'citizen')
    const timeline = { nodes: [{ dueOn: '2026-12-25', dueReason: 'term.payment' }] }
    expect(rest).toEqual({ state: 'AWAITING_FEE', timeline })
    expect(decisions).toHaveLength(1)
    const [document] = await db.select().from(issuedDocuments).where(eq(issuedDocuments.subjectId, found.key))
    const partyId = await partyOf('citizen')
    const key = await db.transaction((tx) => keyToEncrypt(tx, keyring, partyId))
    const { claims } = decrypt(key, issuedDocuments, document!)
    expect(claims.payBy).toBe(inThirtyDays.toISOString())
    const charge = { state: 'OPEN', due: 'AFTER_APPROVAL', amount: 500n, payBy: inThirtyDays }
    expect(await chargesOf(found)).toMatchObject([charge])
  })
})

describe('expireApplication', () => {
  it.each<[State, FeeDue, string]>([
    ['AWAITING_PAYMENT', FeeDue.BEFORE_REGISTRATION, 'EXPIRED'],
    ['AWAITING_FEE', FeeDue.AFTER_APPROVAL, 'LAPSED'],
    ['READY', FeeDue.AT_HANDOVER, 'LAPSED'],
  ])('ends what is %s and not paid in time, and nothing that has more time', async (state, due, next) => {
    const found = await owing(state, due, 500n, { payBy: inThirtyDays })
    await run(expireApplication, found.key, 'application.payment_over', start)
    expect((await rowOf(found.key)).state).toBe(state)
    await run(expireApplication, found.key, 'application.payment_over', inThirtyDays)
    expect(await rowOf(found.key)).toMatchObject({ state: next, payBy: null })
    expect(await chargesOf(found)).toMatchObject([{ state: 'EXPIRED' }])
  })

  it('waits for a payment under way, and asks again after its session', async () => {
    const found = await owing('AWAITING_PAYMENT', FeeDue.BEFORE_REGISTRATION, 500n, { payBy: inThirtyDays })
    const [charge] = await chargesOf(found)
    const sessionEnds = new Date('2026-12-25T14:10:00Z')
    const payment = await startPaying(charge!.id, sessionEnds)
    const expire = (at: Date) => run(expireApplication, found.key, 'application.payment_over', at)
    await expire(inThirtyDays)
    expect((await rowOf(found.key)).state).toBe('AWAITING_PAYMENT')
    const [again] = await db.select().from(deadlines).where(eq(deadlines.subject, found.key))
    expect(again?.dueAt).toEqual(new Date('2026-12-25T14:15:00Z'))
    await db.update(payments).set({ state: PaymentState.FAILED, endedAt: sessionEnds }).where(eq(payments.id, payment))
    await expire(again!.dueAt)
    expect((await rowOf(found.key)).state).toBe('EXPIRED')
  })

  it('keeps what was paid before the worker has recorded it', async () => {
    const found = await owing('AWAITING_PAYMENT', FeeDue.BEFORE_REGISTRATION, 500n, { payBy: inThirtyDays })
    const [{ id, amount }] = (await chargesOf(found)) as [typeof charges.$inferSelect]
    await db.transaction((tx) => applyToCharges(tx, [{ id, amount }], start, { at: start, actor: 'a test' }))
    await run(expireApplication, found.key, 'application.payment_over', inThirtyDays)
    expect((await rowOf(found.key)).state).toBe('AWAITING_PAYMENT')
    await tell(found, id, 'charge.paid')
    expect((await rowOf(found.key)).state).toBe('SUBMITTED')
  })
})

describe('decideApplication on an appeal', () => {
  it('starts the time to pay at the agency to which the application returns', async () => {
    const officerId = await partyOf('senior-officer')
    const { id, key, revision } = await owing('UNDER_APPEAL', FeeDue.AFTER_APPROVAL, 40n, { officerId })
    const { partyId, agencyId: toAgencyId } = await rowOf(key)
    const [first] = await db.select().from(agencies).where(eq(agencies.code, 'BPQMI'))
    const fromAgencyId = first?.id as string // in the data
    const moved = { applicationId: key, partyId, kind: TransferKind.APPEAL, fromAgencyId, toAgencyId, at: start }
    await db.insert(applicationTransfers).values(moved)
    const approval = { applicationId: id, revision, outcome: 'APPROVED' }
    expect(await outcomeOf('senior-officer', 'decideApplication', approval)).toBe('done')
    expect(await rowOf(key)).toMatchObject({ state: 'AWAITING_FEE', agencyId: fromAgencyId, payBy: inThirtyDays })
    const [deadline] = await db.select().from(deadlines).where(eq(deadlines.subject, key))
    expect(deadline).toMatchObject({ type: 'application.payment_over', agencyId: fromAgencyId })
  })
})
