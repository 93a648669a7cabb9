import { date, integer, pgTable, text, timestamp, unique } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'

/** Legal dates that were reconciled with a bank. The first missing one is the next. */
export const settlementDays = pgTable(
  'settlement_days',
  {
    id: id(),
    provider: text('provider').notNull(),
    day: date('day').notNull(),
    // Of the file.
    entries: integer('entries').notNull(),
    reconciledAt: timestamp('reconciled_at', { withTimezone: true }).notNull(),
  },
  ({ provider, day }) => [unique().on(provider, day)],
)

describeTable(settlementDays, {
  retention: { class: 'PERMANENT', reason: 'Proves that every day was reconciled.' },
  server: { delete: false },
})
