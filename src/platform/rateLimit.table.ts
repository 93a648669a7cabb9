import { bigint, integer, pgTable, varchar } from 'drizzle-orm/pg-core'
import { describeTable } from './describeTable.js'

/** Counters of limits by address, caller and target, in the format of rate-limiter-flexible. Unlogged. */
export const rateLimits = pgTable('rate_limits', {
  key: varchar('key', { length: 255 }).primaryKey(),
  points: integer('points').notNull().default(0),
  // Milliseconds since 1970.
  expire: bigint('expire', { mode: 'number' }),
})

describeTable(rateLimits, {
  retention: { class: 'TRANSIENT', reason: 'Counts of the last minutes. The rate limiter removes expired ones.' },
})
