import { daysAfter, momentOf } from '../../shared/time.js'

/** In one round. The next continues. */
const mostAtOnce = 31
/** The file of a day has everything that happened until its end by then. */
const fileIsReadyAt = '01:00:00'

interface Days {
  /** The last one that was reconciled. */
  last: string | null
  /** The first one with a payment. */
  first: string | null
  today: string
}
/** The legal dates to reconcile now: all that are over and missing. */
export function daysToReconcile({ last, first, today }: Days, now: Date): string[] {
  const end = now < momentOf(today, fileIsReadyAt) ? daysAfter(today, -1) : today
  const from = last === null ? first : daysAfter(last, 1)
  const days: string[] = []
  for (let day = from; day !== null && day < end && days.length < mostAtOnce; day = daysAfter(day, 1)) days.push(day)
  return days
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
