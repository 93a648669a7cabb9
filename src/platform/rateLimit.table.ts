import { bigint, integer, pgTable, varchar } from 'drizzle-orm/pg-core'
import { describeTable } from './describeTable.js'

/** What the limits by address, caller and target have counted; as rate-limiter-flexible keeps it. Unlogged: see its migration. */
export const rateLimits = pgTable('rate_limits', {
  key: varchar('key', { length: 255 }).primaryKey(),
  points: integer('points').notNull().default(0),
  // Milliseconds since 1970.
  expire: bigint('expire', { mode: 'number' }),
})

describeTable(rateLimits, {
  retention: { class: 'TRANSIENT', reason: 'Counts of the last minutes. The rate limiter removes expired ones.' },
})
