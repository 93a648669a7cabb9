import { PaymentState as State } from './payment.table.js'

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
