import { pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { describeTable } from './describeTable.js'

/** The data files loaded last, so a start with the same files costs one select. */
export const seeds = pgTable('seeds', {
  name: text('name').primaryKey(),
  digest: text('digest').notNull(),
  at: timestamp('at', { withTimezone: true }).notNull(),
})

describeTable(seeds, {
  retention: { class: 'TRANSIENT', reason: 'Records which data files were loaded last.' },
})
