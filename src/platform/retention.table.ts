import { interval, pgEnum, pgTable, text } from 'drizzle-orm/pg-core'
import { confidence } from './confidence.table.js'
import { describeTable } from './describeTable.js'

/** What becomes of the rows of a table in time. */
export enum RetentionClass {
  /** Kept for as long as the installation stands. */
  PERMANENT = 'PERMANENT',
  /** Goes when what it belongs to goes. */
  WITH_ITS_SUBJECT = 'WITH_ITS_SUBJECT',
  /** Removed when its term is over. */
  TERM = 'TERM',
  /** Of use for the moment only; what uses it takes it out. */
  TRANSIENT = 'TRANSIENT',
}

export const retentionClass = pgEnum('retention_class', RetentionClass)

/** A row for each table; remove_past_term goes by these and by nothing that it is told. */
export const retention = pgTable('retention', {
  table: text('table_name').primaryKey(),
  class: retentionClass('class').notNull(),
  // With TERM: the column from which the term is counted, and the term.
  from: text('from_column'),
  term: interval('term'),
  reason: text('reason').notNull(),
  confidence: confidence('confidence').notNull(),
  source: text('source'),
})

describeTable(retention, {
  retention: { class: 'PERMANENT', reason: 'Shows which rows are removed when, and why.' },
  server: { insert: false, update: false, delete: false },
})
