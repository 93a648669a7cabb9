import type { Charge } from './charge.repository.js'
import { ChargeState, ChargeSubject } from './charge.table.js'

/** Why a charge cannot be paid now. Undefined if it can. */
export function refusalToPay(
  { state, subjectType, payBy }: Pick<Charge, 'state' | 'subjectType' | 'payBy'>,
  now: Date,
): 'charge.paid' | 'charge.cancelled' | 'charge.expired' | undefined {
  if (state === ChargeState.PAID) return 'charge.paid'
  if (state === ChargeState.CANCELLED) return 'charge.cancelled'
  // An application ends on its day. What an agency charges on its own is owed until it is paid.
  const isOver = subjectType === ChargeSubject.APPLICATION && payBy !== null && payBy < now
  return state === ChargeState.EXPIRED || isOver ? 'charge.expired' : undefined
}
