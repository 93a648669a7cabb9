/** How many days an installation waits for people. */
export interface Patience {
  /** Then a draft that nobody sends is over. */
  draftDays: number
  /** Then an application is over that not all have confirmed who apply together. */
  confirmDays: number
}
/** Where an installation says nothing else. */
export const usualPatience: Patience = { draftDays: 90, confirmDays: 30 }
