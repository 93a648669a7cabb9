/** How many days an installation waits for people. */
export interface Patience {
  /** A draft expires unless it is submitted. */
  draftDays: number
  /** An application expires unless all joint applicants confirm it. */
  confirmDays: number
}
/** The defaults. */
export const usualPatience: Patience = { draftDays: 90, confirmDays: 30 }
