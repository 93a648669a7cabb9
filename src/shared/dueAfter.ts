import { asc, gte } from 'drizzle-orm'
import type { Transaction } from '../platform/seeding.js'
import type { Calendar } from './calendar.js'
import { calendarDays } from './calendarDay.table.js'
import { calendarYears } from './calendarYear.table.js'
import { type Deadline, deadlineOf } from './deadline.rules.js'
import type { TermUnit } from './termUnit.table.js'
import { legalDate } from './time.js'

type Reading = Pick<Transaction, 'select'>

export interface Term {
  value: number
  unit: TermUnit
}

/** The deadline of a term that begins at `from`. Undefined beyond the last year of the calendar. */
export const dueAfter = async (tx: Reading, from: Date, term: Term): Promise<Deadline | undefined> =>
  dueIn(await calendarFrom(tx, legalDate(from)), from, term)

/** The same by a calendar that begins no later than `from`. */
export function dueIn(calendar: Calendar, from: Date, { value, unit }: Term): Deadline | undefined {
  const due = deadlineOf(calendar, from, value, unit)
  return 'refused' in due ? undefined : due
}

/** The calendar from that day on. */
export async function calendarFrom(tx: Reading, day: string): Promise<Calendar> {
  const years = await tx.select().from(calendarYears).orderBy(asc(calendarYears.year))
  const days = await tx
    .select()
    .from(calendarDays)
    .where(gte(calendarDays.date, day))
    .orderBy(asc(calendarDays.date), asc(calendarDays.code))
  return { years, days }
}
