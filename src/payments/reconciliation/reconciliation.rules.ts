import { daysAfter, legalDate, momentOf } from '../../shared/time.js'

/** The file of a day has everything that happened until its end by then. */
const fileIsReadyAt = '01:00:00'

/** The last legal date whose file is complete. */
export function lastCompleteDay(now: Date): string {
  const today = legalDate(now)
  return daysAfter(today, now < momentOf(today, fileIsReadyAt) ? -2 : -1)
}

export interface Totals {
  entries: number
  /** Captures without refunds and reversals, in minor units by currency. */
  totals: Readonly<Record<string, bigint>>
}
/** The currencies whose total in the last line is not the sum of the entries. */
export const wrongTotals = (sums: Totals['totals'], said: Totals['totals']): string[] =>
  [...new Set([...Object.keys(sums), ...Object.keys(said)])].filter(
    (currency) => (sums[currency] ?? 0n) !== (said[currency] ?? 0n),
  )
