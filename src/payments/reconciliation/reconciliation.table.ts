import { sql } from 'drizzle-orm'
import { bigint, check, date, index, pgEnum, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { charges } from '../charges/charge.table.js'
import { payments } from '../checkout/payment.table.js'
import { refunds } from '../refunds/refund.table.js'

export enum ReconciliationKind {
  /** The bank has an entry of which our ledger has no transfer. */
  MISSING_HERE = 'MISSING_HERE',
  /** Our ledger has a transfer of which the bank has no entry. */
  MISSING_THERE = 'MISSING_THERE',
  AMOUNT = 'AMOUNT',
  CURRENCY = 'CURRENCY',
  /** The bank names an order, or a refund, that is not ours. */
  UNKNOWN_ORDER = 'UNKNOWN_ORDER',
  /** The money arrived, and neither paid a charge nor goes back. */
  NOT_APPLIED = 'NOT_APPLIED',
  /** The bank has several entries for what happens once. */
  DOUBLED = 'DOUBLED',
  /** The bank says something else about an order: another merchant, or a state that cannot follow. */
  STATUS = 'STATUS',
  /** The bank refused a refund. */
  REFUND_REFUSED = 'REFUND_REFUSED',
  /** A register does not accept that a fine was paid. */
  NOT_NOTIFIED = 'NOT_NOTIFIED',
  /** The settlement file contradicts its own last line. */
  TOTAL = 'TOTAL',
}
export enum ReconciliationState {
  OPEN = 'OPEN',
  SETTLED = 'SETTLED',
}
export const reconciliationKind = pgEnum('reconciliation_kind', ReconciliationKind)
export const reconciliationState = pgEnum('reconciliation_state', ReconciliationState)

/** Differences between the ledger, the payments and the bank. Found once, and settled by somebody with a reason. */
export const reconciliations = pgTable(
  'reconciliations',
  {
    id: id(),
    kind: reconciliationKind('kind').notNull(),
    provider: text('provider').notNull(),
    // What it is about: the id of an order, a refund or an entry, or a kind of entry and an id.
    subject: text('subject').notNull(),
    // The legal date of the entry, or of the discovery.
    day: date('day').notNull(),
    // Null if it concerns no agency or several: the operator settles it.
    agencyId: uuid('agency_id').references(() => agencies.id),
    // The same, for the list of the operator.
    settlerId: uuid('settler_id')
      .notNull()
      .generatedAlwaysAs(sql`coalesce(agency_id, '00000000-0000-0000-0000-000000000000')`),
    paymentId: uuid('payment_id').references(() => payments.id),
    chargeId: uuid('charge_id').references(() => charges.id),
    refundId: uuid('refund_id').references(() => refunds.id),
    // In minor units. Null if one side has nothing.
    amount: bigint('amount', { mode: 'bigint' }),
    currency: text('currency'),
    bankAmount: bigint('bank_amount', { mode: 'bigint' }),
    bankCurrency: text('bank_currency'),
    state: reconciliationState('state').notNull(),
    foundAt: timestamp('found_at', { withTimezone: true }).notNull(),
    settledAt: timestamp('settled_at', { withTimezone: true }),
    // Null if it resolved itself.
    settledBy: uuid('settled_by').references(() => parties.id),
    // Names no person: the row is kept for ever.
    reason: text('reason'),
  },
  ({ id, kind, provider, subject, settlerId, paymentId, state, foundAt, settledAt, settledBy, reason }) => [
    unique().on(kind, provider, subject),
    index().on(settlerId, state, foundAt, id),
    index().on(paymentId),
    check('reconciliations_settled_check', sql`(${state} = 'SETTLED') = (${settledAt} is not null)`),
    check('reconciliations_reason_check', sql`(${state} = 'SETTLED') = (${reason} is not null)`),
    check('reconciliations_settled_by_check', sql`${settledBy} is null or ${state} = 'SETTLED'`),
  ],
)

describeTable(reconciliations, {
  retention: { class: 'PERMANENT', reason: 'Explains the ledger, which is kept as long as the installation.' },
  server: { delete: false },
})
