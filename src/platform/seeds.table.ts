import { pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** Which data files were loaded last, so that a start with the same files costs one select. */
export const seeds = pgTable('seeds', {
  name: text('name').primaryKey(),
  digest: text('digest').notNull(),
  at: timestamp('at', { withTimezone: true }).notNull(),
})
