import { sql } from 'drizzle-orm'
import { bigint, check, date, index, pgEnum, pgTable, text, timestamp, unique } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'

export enum SettlementKind {
  CAPTURE = 'CAPTURE',
  REFUND = 'REFUND',
  REVERSAL = 'REVERSAL',
}
export const settlementKind = pgEnum('settlement_kind', SettlementKind)

/** The journals of the banks, as their settlement files have them. */
export const settlementEntries = pgTable(
  'settlement_entries',
  {
    id: id(),
    provider: text('provider').notNull(),
    // The id at the bank.
    entryId: text('entry_id').notNull(),
    day: date('day').notNull(),
    kind: settlementKind('kind').notNull(),
    orderId: text('order_id').notNull(),
    refundId: text('refund_id'),
    // In minor units.
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    currency: text('currency').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    // When the ledger agreed with it, and the treasury received what it paid. Null until then.
    agreedAt: timestamp('agreed_at', { withTimezone: true }),
  },
  ({ id, provider, entryId, day, kind, orderId, refundId, agreedAt, amount }) => [
    unique().on(provider, entryId),
    index().on(provider, kind, orderId, refundId),
    index().on(provider, day),
    index('settlement_entries_open').on(provider, id).where(sql`${agreedAt} is null`),
    check('settlement_entries_amount_check', sql`${amount} >= 0`),
  ],
)

describeTable(settlementEntries, {
  retention: { class: 'PERMANENT', reason: 'Proves what the bank said of each transfer of the ledger.' },
  server: { update: ['agreedAt'], delete: false },
})
