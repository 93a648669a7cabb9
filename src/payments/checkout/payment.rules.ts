import { PaymentState as State } from './payment.table.js'
import type { BankState, OrderStatus } from './provider.js'

/** The state machine of a payment: what the bank, the payer or the time may make of each state. */
export const transitions: Readonly<Record<State, readonly State[]>> = {
  [State.CREATED]: [State.PENDING, State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED],
  [State.PENDING]: [State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED],
  [State.FAILED]: [State.LATE_SUCCESS],
  [State.CANCELLED]: [State.LATE_SUCCESS],
  [State.EXPIRED]: [State.LATE_SUCCESS],
  [State.SUCCEEDED]: [State.REVERSED, State.DISPUTED],
  [State.LATE_SUCCESS]: [State.REVERSED, State.DISPUTED],
  [State.DISPUTED]: [State.SUCCEEDED, State.REVERSED],
  [State.REVERSED]: [],
}
export const mayBecome = (from: State, to: State): boolean => transitions[from].includes(to)

/** The bank may still be asked for the money of the payer. */
export const waiting: readonly State[] = [State.CREATED, State.PENDING]
/** The bank has the money of the payer. */
export const captured: readonly State[] = [State.SUCCEEDED, State.LATE_SUCCESS, State.DISPUTED]
const successes: readonly State[] = [State.SUCCEEDED, State.LATE_SUCCESS]

type Paths = Partial<Record<BankState, readonly State[]>>
const whileWaiting: Paths = {
  PENDING: [],
  CAPTURED: [State.SUCCEEDED],
  DECLINED: [State.FAILED],
  CANCELLED: [State.CANCELLED],
  EXPIRED: [State.EXPIRED],
  // It was paid before anybody looked.
  DISPUTED: [State.SUCCEEDED, State.DISPUTED],
  REVERSED: [State.SUCCEEDED, State.REVERSED],
}
const afterEnd: Paths = {
  PENDING: [],
  DECLINED: [],
  CANCELLED: [],
  EXPIRED: [],
  CAPTURED: [State.LATE_SUCCESS],
  DISPUTED: [State.LATE_SUCCESS, State.DISPUTED],
  REVERSED: [State.LATE_SUCCESS, State.REVERSED],
}
const afterSuccess: Paths = { CAPTURED: [], DISPUTED: [State.DISPUTED], REVERSED: [State.REVERSED] }
/** Where a state of the bank leads. A pair that is missing contradicts what the bank has said before. */
const paths: Readonly<Record<State, Paths>> = {
  [State.CREATED]: { ...whileWaiting, PENDING: [State.PENDING] },
  [State.PENDING]: whileWaiting,
  [State.FAILED]: afterEnd,
  [State.CANCELLED]: afterEnd,
  [State.EXPIRED]: afterEnd,
  [State.SUCCEEDED]: afterSuccess,
  [State.LATE_SUCCESS]: afterSuccess,
  [State.DISPUTED]: { DISPUTED: [], CAPTURED: [State.SUCCEEDED], REVERSED: [State.REVERSED] },
  [State.REVERSED]: { REVERSED: [] },
}

export type Difference = 'merchant' | 'order' | 'amount' | 'currency' | 'state'
/** The states that a payment passes through now, in order; or what the bank says otherwise than we know. */
export type Verdict = { path: readonly State[] } | { differs: readonly Difference[] }

interface Known {
  id: string
  amount: bigint
  currency: string
  state: State
  expiresAt: Date
}

/** What an answer of the bank makes of a payment. `status` is null if the bank does not know the order. */
export function verdictOf(payment: Known, merchant: string, status: OrderStatus | null, now: Date): Verdict {
  const { id, amount, currency, state, expiresAt } = payment
  if (!status) {
    // No session is created after the end, so none will come.
    if (state === State.CREATED) return { path: now < expiresAt ? [] : [State.EXPIRED] }
    return state === State.CANCELLED || state === State.EXPIRED ? { path: [] } : { differs: ['order'] }
  }
  const differences: [Difference, boolean][] = [
    ['merchant', status.merchant !== merchant],
    ['order', status.orderId !== id],
    ['amount', status.amount !== amount],
    ['currency', status.currency !== currency],
  ]
  const differs = differences.filter(([, isOther]) => isOther).map(([what]) => what)
  if (differs.length > 0) return { differs }
  const path = paths[state][status.state]
  return path ? { path } : { differs: ['state'] }
}

interface Effects {
  captures: boolean
  applies: boolean
  reverses: boolean
}
/** What the ledger and the charges must do while a payment passes through these states. */
export function effectsOf(from: State, path: readonly State[]): Effects {
  const captures = !captured.includes(from) && path.some((state) => successes.includes(state))
  const reverses = path.includes(State.REVERSED)
  // What is gone already pays nothing.
  return { captures, applies: captures && !reverses, reverses }
}

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
/** After the end of a payment without money. Banks send some confirmations late. */
const laterChecks = [10 * minute, hour, 6 * hour, day, 3 * day]

/** When the bank is asked again unless it calls back. Null if only a callback is expected. */
export function nextCheckAt(
  { state, createdAt, expiresAt, endedAt }: { state: State; createdAt: Date; expiresAt: Date; endedAt: Date | null },
  now: Date,
): Date | null {
  const after = (moment: Date, pause: number) => new Date(moment.getTime() + pause)
  // Until the payer opens it, the bank has not heard of it.
  if (state === State.CREATED && now < expiresAt) return after(expiresAt, second)
  if (waiting.includes(state)) {
    const pause = Math.min(Math.max((now.getTime() - createdAt.getTime()) / 2, 15 * second), hour)
    const regular = after(now, pause)
    return now < expiresAt && expiresAt < regular ? after(expiresAt, second) : regular
  }
  // A dispute that the payer loses leaves no entry in the settlement file.
  if (state === State.DISPUTED) return after(now, day)
  if (!endedAt || captured.includes(state) || state === State.REVERSED) return null
  return laterChecks.map((pause) => after(endedAt, pause)).find((moment) => moment > now) ?? null
}

/** The moment of a payment: the bank's, unless that is impossible. */
export const momentOfCapture = (said: Date | null, createdAt: Date, now: Date): Date =>
  new Date(Math.min(Math.max((said ?? now).getTime(), createdAt.getTime()), now.getTime()))

export enum PaymentAction {
  CANCEL = 'CANCEL',
}
/** Charges that one payment may pay. */
export const mostItems = 20
/** Payments of one payer for one charge that may be under way. */
export const mostAttempts = 5
/** Milliseconds in which the payer must pay. */
export const sessionLifetime = 30 * minute

/** Why a payment cannot be cancelled. Undefined if it can. */
export const refusalToCancel = (state: State): 'payment.not_waiting' | undefined =>
  waiting.includes(state) ? undefined : 'payment.not_waiting'
