import { interval, pgEnum, pgTable, text } from 'drizzle-orm/pg-core'
import { confidence } from './confidence.table.js'
import { describeTable } from './describeTable.js'

/** What happens to the rows of a table over time. */
export enum RetentionClass {
  /** Kept as long as the installation. */
  PERMANENT = 'PERMANENT',
  /** Deleted with its parent. */
  WITH_ITS_SUBJECT = 'WITH_ITS_SUBJECT',
  /** Deleted when its term is over. */
  TERM = 'TERM',
  /** Short-lived; its user deletes it. */
  TRANSIENT = 'TRANSIENT',
}

export const retentionClass = pgEnum('retention_class', RetentionClass)

/** A row for each table. remove_past_term reads these and ignores its caller's wishes. */
export const retention = pgTable('retention', {
  table: text('table_name').primaryKey(),
  class: retentionClass('class').notNull(),
  // With TERM: the column where the term begins, and its length.
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
