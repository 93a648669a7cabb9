import { FilingState, type filings } from './filing.table.js'

export enum FilingAction {
  REPLACE = 'REPLACE',
  WITHDRAW = 'WITHDRAW',
  ACKNOWLEDGE = 'ACKNOWLEDGE',
  REJECT = 'REJECT',
}
type Ended = 'filing.rejected' | 'filing.superseded' | 'filing.withdrawn'
/** Why an action on a filing is not allowed now. */
export type FilingRefusal =
  | Ended
  | 'filing.not_filer'
  | 'filing.not_acknowledged'
  | 'filing.correction_late'
  | 'filing.correction_waits'
  | 'filing.not_agency'
  | 'filing.accepted'
  | 'filing.not_leased'

/** How long a filing is leased to whoever collected it. */
export const leaseMinutes = 15

/** Whether the caller with that ID holds the lease of a filing. */
export const isLeasedBy = (
  { state, leasedBy, leasedUntil }: Pick<typeof filings.$inferSelect, 'state' | 'leasedBy' | 'leasedUntil'>,
  callerId: string,
  now: Date,
): boolean => state === FilingState.RECEIVED && leasedBy === callerId && leasedUntil !== null && leasedUntil > now

/** What the actions on a filing depend on. */
export interface Standing {
  state: FilingState
  /** From then on it cannot be replaced or withdrawn any more. Null if that is not limited. */
  correctableUntil: Date | null
  /** Whether a correction of it waits for the agency. */
  hasCorrection: boolean
}
/** The relation of the caller to a filing. */
export interface Relation {
  /** Has the power FILE over its party. */
  mayFile: boolean
  /** A program or an officer of its agency that acknowledges filings. */
  mayAcknowledge: boolean
  /** Collected it, and the lease has not ended. */
  isLeased: boolean
}

/** Why an action is refused. Undefined if it is allowed. */
export function refusalOf(
  action: FilingAction,
  standing: Standing,
  { mayFile, mayAcknowledge, isLeased }: Relation,
  now: Date,
): FilingRefusal | undefined {
  switch (action) {
    case FilingAction.REPLACE:
      return mayFile ? refusalToReplace(standing, now) : 'filing.not_filer'
    case FilingAction.WITHDRAW:
      return mayFile ? refusalToWithdraw(standing, now) : 'filing.not_filer'
    case FilingAction.ACKNOWLEDGE:
    case FilingAction.REJECT:
      return mayAcknowledge ? refusalToAcknowledge(standing, isLeased) : 'filing.not_agency'
  }
}

/** Why a filing cannot be replaced now, by anybody. Undefined if it can. */
export const refusalToReplace = (standing: Standing, now: Date): FilingRefusal | undefined =>
  standing.state === FilingState.RECEIVED ? 'filing.not_acknowledged' : refusalToCorrect(standing, now)

/** Why a filing cannot be withdrawn now, by anybody. Undefined if it can. */
export const refusalToWithdraw = (standing: Standing, now: Date): FilingRefusal | undefined =>
  standing.state === FilingState.RECEIVED ? undefined : refusalToCorrect(standing, now)

function refusalToCorrect({ state, correctableUntil, hasCorrection }: Standing, now: Date) {
  if (hasCorrection) return 'filing.correction_waits'
  return ended[state] ?? (correctableUntil && now >= correctableUntil ? 'filing.correction_late' : undefined)
}

function refusalToAcknowledge({ state }: Standing, isLeased: boolean): FilingRefusal | undefined {
  if (state === FilingState.RECEIVED) return isLeased ? undefined : 'filing.not_leased'
  return ended[state] ?? 'filing.accepted'
}

const ended: Record<FilingState, Ended | undefined> = {
  [FilingState.RECEIVED]: undefined,
  [FilingState.ACCEPTED]: undefined,
  [FilingState.REJECTED]: 'filing.rejected',
  [FilingState.SUPERSEDED]: 'filing.superseded',
  [FilingState.WITHDRAWN]: 'filing.withdrawn',
}
