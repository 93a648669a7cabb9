import { describe, expect, it } from 'vitest'
import { ChargeSubject } from '../../src/payments/charges/charge.table.js'
import { PaymentState } from '../../src/payments/checkout/payment.table.js'
import {
  approvalsNeeded,
  claimRefusals,
  decisionRefusal,
  lastDayToClaim,
  nextRefundCheckAt,
  permits,
  RefundAction,
  splitOf,
  statesBefore,
} from '../../src/payments/refunds/refund.rules.js'
import { RefundState } from '../../src/payments/refunds/refund.table.js'
import { TermUnit } from '../../src/shared/termUnit.table.js'

const claim = {
  state: PaymentState.SUCCEEDED,
  today: '2026-11-30',
  lastDay: '2031-11-30',
  left: 3000n,
  currency: 'AZN',
  amount: null,
  expected: 3000n,
}
const reasonsOf = (more: Partial<Parameters<typeof claimRefusals>[0]>) =>
  claimRefusals({ ...claim, ...more }).map(({ reason }) => reason)

describe('claimRefusals', () => {
  it.each([
    ['the whole', {}, []],
    ['a part', { amount: 1n }, []],
    ['what was paid late', { state: PaymentState.LATE_SUCCESS }, []],
    ['what was not paid', { state: PaymentState.FAILED }, ['refund.not_paid']],
    ['what the bank took back', { state: PaymentState.REVERSED }, ['refund.not_paid']],
    ['what is disputed', { state: PaymentState.DISPUTED }, ['refund.disputed']],
    ['the last day', { today: '2031-11-30' }, []],
    ['the day after it', { today: '2031-12-01' }, ['refund.too_late']],
    ['another expectation', { expected: 2999n }, ['refund.left']],
    ['an expectation with three decimals', { expected: undefined }, ['refund.left']],
    ['nothing left', { left: 0n, expected: 0n }, ['refund.nothing_left']],
    ['zero', { amount: 0n }, ['refund.amount']],
    ['more than is left', { amount: 3001n }, ['refund.amount']],
    ['three decimals', { amount: undefined }, ['fee.digits']],
  ])('answers a claim of %s', (_, more, reasons) => {
    expect(reasonsOf(more)).toEqual(reasons)
  })

  it('says how much is left', () => {
    expect(claimRefusals({ ...claim, expected: 1n })[0]?.params).toEqual({ left: '30.00', currency: 'AZN' })
  })
})

describe('lastDayToClaim', () => {
  it.each([
    ['2026-02-28', 60, TermUnit.MONTH, '2031-02-28'],
    ['2024-02-29', 60, TermUnit.MONTH, '2029-02-28'],
    ['2026-11-30', 10, TermUnit.CALENDAR_DAY, '2026-12-10'],
  ])('is, for a payment of %s and %d %s, %s', (paidOn, value, unit, last) => {
    expect(lastDayToClaim(paidOn, { value, unit })).toBe(last)
  })
})

describe('permits', () => {
  const ofVisa = { subjectType: ChargeSubject.APPLICATION, serviceCode: 'VISA' }
  const ofFine = { subjectType: ChargeSubject.FINE, serviceCode: null }
  it.each([
    ['anything', { subjects: null, exceptServices: [] }, ofVisa, true],
    ['an excepted service', { subjects: null, exceptServices: ['VISA'] }, ofVisa, false],
    ['another service', { subjects: null, exceptServices: ['OTHER'] }, ofVisa, true],
    ['a fine, of none', { subjects: null, exceptServices: ['VISA'] }, ofFine, true],
    ['its subject', { subjects: [ChargeSubject.FINE], exceptServices: [] }, ofFine, true],
    ['another subject', { subjects: [ChargeSubject.FINE], exceptServices: [] }, ofVisa, false],
  ])('decides about %s', (_, ground, charge, isPermitted) => {
    expect(permits(ground, charge)).toBe(isPermitted)
  })
})

describe('decisionRefusal', () => {
  const refund = { state: RefundState.REQUESTED, requestedBy: 'payer' }
  const relation = { own: 'officer', isFinance: true, isOwnCase: false, hasApproved: false }
  const { APPROVE, REJECT } = RefundAction
  it.each([
    [APPROVE, {}, {}, undefined],
    [REJECT, {}, {}, undefined],
    [APPROVE, {}, { isFinance: false }, 'refund.not_finance'],
    [APPROVE, { state: RefundState.APPROVED }, {}, 'refund.decided'],
    [REJECT, { state: RefundState.COMPLETED }, {}, 'refund.decided'],
    [APPROVE, { requestedBy: 'officer' }, {}, 'refund.own_request'],
    [REJECT, {}, { isOwnCase: true }, 'refund.own_case'],
    [APPROVE, {}, { hasApproved: true }, 'refund.approved_by_you'],
    [REJECT, {}, { hasApproved: true }, undefined],
  ])('answers %s of %o by %o with %s', (action, more, by, reason) => {
    expect(decisionRefusal(action, { ...refund, ...more }, { ...relation, ...by })).toBe(reason)
  })
})

describe('approvalsNeeded', () => {
  it.each([
    [50_000n, 50_000n, 1],
    [50_001n, 50_000n, 2],
    [1n, null, 2],
  ] as const)('are, for %d above %d, %d', (amount, secondAbove, needed) => {
    expect(approvalsNeeded(amount, secondAbove)).toBe(needed)
  })
})

describe('splitOf', () => {
  it.each([
    ['nothing while it is in suspense', 30n, { applied: 0n, remitted: 0n, free: 30n }, { applied: 0n, remitted: 0n }],
    ['what is applied', 30n, { applied: 50n, remitted: 0n, free: 0n }, { applied: 30n, remitted: 0n }],
    ['what is remitted', 30n, { applied: 0n, remitted: 50n, free: 0n }, { applied: 0n, remitted: 30n }],
    ['of each a part', 60n, { applied: 20n, remitted: 30n, free: 10n }, { applied: 20n, remitted: 30n }],
  ])('takes %s', (_, amount, balances, parts) => {
    expect(splitOf(amount, balances)).toEqual(parts)
  })

  it('refuses more than there is', () => {
    expect(() => splitOf(61n, { applied: 20n, remitted: 30n, free: 10n })).toThrow('needs 31 of 30')
  })
})

describe('statesBefore', () => {
  it('lists the states from which a refund completes', () => {
    expect(statesBefore(RefundState.COMPLETED)).toEqual([RefundState.APPROVED, RefundState.SENT])
  })
})

describe('nextRefundCheckAt', () => {
  const decided = new Date('2026-11-30T08:00:00Z')
  it.each([
    ['08:00:00', '08:01:00'],
    ['08:10:00', '08:15:00'],
    ['18:00:00', '19:00:00'],
  ])('waits at %s until %s', (now, then) => {
    const next = nextRefundCheckAt(decided, new Date(`2026-11-30T${now}Z`))
    expect(next).toEqual(new Date(`2026-11-30T${then}Z`))
  })
})
