import { RefundState as State } from './refund.table.js'

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

/** The amount is taken, or may still be. A failed refund can be requested again. */
export const live: readonly State[] = [State.REQUESTED, State.APPROVED, State.SENT, State.COMPLETED]
