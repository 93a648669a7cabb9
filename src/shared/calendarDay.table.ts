import { sql } from 'drizzle-orm'
import { boolean, check, date, index, jsonb, pgEnum, pgTable, text } from 'drizzle-orm/pg-core'
import { confidence } from '../platform/confidence.table.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { words } from './words.js'

export enum CalendarDayType {
  PUBLIC_HOLIDAY = 'PUBLIC_HOLIDAY',
  MOURNING_DAY = 'MOURNING_DAY',
  ELECTION_DAY = 'ELECTION_DAY',
  TRANSFERRED_DAY_OFF = 'TRANSFERRED_DAY_OFF',
  SWAPPED_DAY_OFF = 'SWAPPED_DAY_OFF',
  SWAPPED_WORKING_DAY = 'SWAPPED_WORKING_DAY',
  WORKING_HOLIDAY = 'WORKING_HOLIDAY',
}

export const calendarDayType = pgEnum('calendar_day_type', CalendarDayType)

/** An exception to the working week. A day may have several: two holidays, or the swap of a transfer. */
export const calendarDays = pgTable(
  'calendar_days',
  {
    id: id(),
    code: text('code').notNull().unique(),
    date: date('date').notNull(),
    type: calendarDayType('type').notNull(),
    name: words('name').notNull(),
    // A transfer that the Cabinet swapped away is kept as false.
    nonWorking: boolean('non_working').notNull(),
    transferredFor: date('transferred_for'),
    swappedWith: date('swapped_with'),
    provisional: boolean('provisional').notNull(),
    legalBasis: text('legal_basis'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ date, type, nonWorking }) => [
    index().on(date),
    check('calendar_days_swap_check', sql`not (${type} = 'SWAPPED_WORKING_DAY' and ${nonWorking})`),
  ],
)

describeTable(calendarDays, {
  retention: { class: 'PERMANENT', reason: 'A disputed deadline is calculated again with the days of its time.' },
})
