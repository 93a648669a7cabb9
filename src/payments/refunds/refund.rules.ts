import type { UserError } from '../../engine/userError.js'
import { moneyOf } from '../../shared/money.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { daysAfter, monthsAfter } from '../../shared/time.js'
import { invalid } from '../../shared/userErrors.js'
import type { Charge } from '../charges/charge.repository.js'
import { PaymentState } from '../checkout/payment.table.js'
import { RefundState as State } from './refund.table.js'
import type { refundGrounds } from './refundGround.table.js'

/** The state machine of a refund. */
export const transitions: Readonly<Record<State, readonly State[]>> = {
  [State.REQUESTED]: [State.APPROVED, State.REJECTED],
  [State.APPROVED]: [State.SENT, State.COMPLETED, State.FAILED],
  [State.SENT]: [State.COMPLETED, State.FAILED],
  [State.COMPLETED]: [],
  [State.REJECTED]: [],
  [State.FAILED]: [],
}
/** States from which a refund may become this one. */
export const statesBefore = (to: State): State[] =>
  Object.values(State).filter((state) => transitions[state].includes(to))
/** The bank owes an answer. */
export const isSentToBank = (state: State): boolean => state === State.APPROVED || state === State.SENT

/** The amount is taken, or will be unless somebody rejects it. After a failure, it can be requested again. */
export const live: readonly State[] = [State.REQUESTED, State.APPROVED, State.SENT, State.COMPLETED]
/** The amount has left the accounts of the agency. */
export const released: readonly State[] = [State.APPROVED, State.SENT, State.COMPLETED]

const refundable: readonly PaymentState[] = [PaymentState.SUCCEEDED, PaymentState.LATE_SUCCESS]
/** Why a payment cannot be refunded now. */
export function paymentRefusal(state: PaymentState): UserError | undefined {
  if (refundable.includes(state)) return undefined
  const reason = state === PaymentState.DISPUTED ? 'refund.disputed' : 'refund.not_paid'
  return { code: 'NOT_ALLOWED_NOW', reason, field: ['paymentId'] }
}

/** The last legal date to request a refund of what was paid on that day. */
export const lastDayToClaim = (paidOn: string, { value, unit }: { value: number; unit: TermUnit }): string =>
  unit === TermUnit.MONTH ? monthsAfter(paidOn, value) : daysAfter(paidOn, value)

interface Claim {
  state: PaymentState
  today: string
  lastDay: string
  /** In minor units, as are all amounts here. */
  left: bigint
  currency: string
  /** Undefined if it has too many decimals. Null for all that is left. */
  amount: bigint | null | undefined
  expected: bigint | undefined
}
/** Everything that is wrong with a request for a refund. */
export function claimRefusals({ state, today, lastDay, left, currency, amount, expected }: Claim): UserError[] {
  const unpaid = paymentRefusal(state)
  if (unpaid) return [unpaid]
  if (today > lastDay)
    return [{ code: 'NOT_ALLOWED_NOW', reason: 'refund.too_late', field: ['paymentId'], params: { last: lastDay } }]
  const params = { left: moneyOf(left, currency).amount, currency }
  if (expected !== left) return [{ code: 'CONFLICT', reason: 'refund.left', field: ['expectedRefundable'], params }]
  if (left === 0n) return [{ code: 'NOT_ALLOWED_NOW', reason: 'refund.nothing_left', field: ['chargeId'] }]
  if (amount === undefined) return [invalid('fee.digits', ['amount'], { currency })]
  if (amount !== null && (amount <= 0n || amount > left)) return [invalid('refund.amount', ['amount'], params)]
  return []
}

type Ground = Pick<typeof refundGrounds.$inferSelect, 'subjects' | 'exceptServices'>
/** Whether a ground that is in force permits a refund of the charge. */
export const permits = (
  { subjects, exceptServices }: Ground,
  { subjectType, serviceCode }: Pick<Charge, 'subjectType' | 'serviceCode'>,
): boolean =>
  (subjects === null || subjects.includes(subjectType)) &&
  (serviceCode === null || !exceptServices.includes(serviceCode))

/** What an officer may do with a requested refund. */
export enum RefundAction {
  APPROVE = 'APPROVE',
  REJECT = 'REJECT',
}
interface Relation {
  /** The caller's party. */
  own: string | undefined
  /** Whether the caller handles the money of the agency. */
  isFinance: boolean
  isOwnCase: boolean
  hasApproved: boolean
}
/** Why the caller may not decide about a refund. Undefined if allowed. */
export function decisionRefusal(
  action: RefundAction,
  { state, requestedBy }: { state: State; requestedBy: string | null },
  { own, isFinance, isOwnCase, hasApproved }: Relation,
): string | undefined {
  if (!isFinance) return 'refund.not_finance'
  if (state !== State.REQUESTED) return 'refund.decided'
  if (requestedBy === own) return 'refund.own_request'
  if (isOwnCase) return 'refund.own_case'
  if (action === RefundAction.APPROVE && hasApproved) return 'refund.approved_by_you'
  return undefined
}

/** The number of officers who must approve an amount. */
export const approvalsNeeded = (amount: bigint, secondAbove: bigint | null): 1 | 2 =>
  secondAbove === null || amount > secondAbove ? 2 : 1

interface Balances {
  applied: bigint
  remitted: bigint
  /** What is in suspense for this charge of the payment and for no other refund. */
  free: bigint
}
/** How much of a refund leaves each account of the agency. What is in suspense leaves none; then what is not remitted yet. */
export function splitOf(amount: bigint, { applied, remitted, free }: Balances): { applied: bigint; remitted: bigint } {
  const needed = amount > free ? amount - free : 0n
  const fromApplied = needed < applied ? needed : applied
  const fromRemitted = needed - fromApplied
  if (fromRemitted > remitted) throw new Error(`a refund of ${amount} needs ${fromRemitted} of ${remitted} remitted`)
  return { applied: fromApplied, remitted: fromRemitted }
}

const [minute, hour] = [60_000, 3_600_000]
/** When the bank is asked again about a refund. The pause grows with its age. */
export const nextRefundCheckAt = (decidedAt: Date, now: Date): Date =>
  new Date(now.getTime() + Math.min(Math.max((now.getTime() - decidedAt.getTime()) / 2, minute), hour))
