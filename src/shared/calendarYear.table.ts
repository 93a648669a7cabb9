import { boolean, integer, jsonb, pgTable, text, time } from 'drizzle-orm/pg-core'
import { confidence } from '../platform/confidence.table.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'

/** The years whose days off are known. The calendar knows nothing about other years. */
export const calendarYears = pgTable('calendar_years', {
  id: id(),
  code: text('code').notNull().unique(),
  year: integer('year').notNull().unique(),
  // The Cabinet has not fixed the movable holidays yet.
  provisional: boolean('provisional').notNull(),
  // In Asia/Baku: anything later is accepted on the next working day.
  acceptedUntil: time('accepted_until').notNull(),
  confidence: confidence('confidence').notNull(),
  source: text('source'),
  seeded: jsonb('seeded'),
})

describeTable(calendarYears, {
  retention: { class: 'PERMANENT', reason: 'A disputed deadline is calculated again with the years of its time.' },
})
