import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgEnum,
  pgSequence,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'

export enum PaymentState {
  /** The bank has not heard of it, as far as we know. */
  CREATED = 'CREATED',
  /** The bank has a session. */
  PENDING = 'PENDING',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
  /** Paid after it had failed, was cancelled or had expired. */
  LATE_SUCCESS = 'LATE_SUCCESS',
  /** The bank took the money back. */
  REVERSED = 'REVERSED',
  /** The payer disputes it at the bank. */
  DISPUTED = 'DISPUTED',
}
export enum PaymentMethod {
  CARD = 'CARD',
  INSTANT = 'INSTANT',
}
export const paymentState = pgEnum('payment_state', PaymentState)
export const paymentMethod = pgEnum('payment_method', PaymentMethod)
/** For the numbers that people see. May have gaps. */
export const paymentNumbers = pgSequence('payment_numbers')

/** One attempt to pay charges. Its id is our order id at the bank. */
export const payments = pgTable(
  'payments',
  {
    id: id(),
    number: text('number').notNull().unique(),
    // The payer. A party of whom nothing is known if the payer is anonymous.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    anonymous: boolean('anonymous').notNull(),
    // Code of the provider in the configuration.
    provider: text('provider').notNull(),
    method: paymentMethod('method').notNull(),
    // Where an instant payment is requested: a mobile number, FIN or e-mail address.
    alias: personal('alias'),
    // In minor units: the sum of the items.
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    currency: text('currency').notNull(),
    state: paymentState('state').notNull(),
    revision: integer('revision').notNull().default(1),
    language: text('language').notNull(),
    // Where the outcome page leads back to.
    returnTo: text('return_to'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    // The id of the session at the bank.
    session: text('session'),
    // The moment of the payment, as the bank says it.
    capturedAt: timestamp('captured_at', { withTimezone: true }),
    // When it ended without a payment.
    endedAt: timestamp('ended_at', { withTimezone: true }),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
  },
  ({ id, partyId, amount, state, createdAt, capturedAt, endedAt, currency }) => [
    index().on(partyId, createdAt, id),
    index().on(createdAt, id),
    check('payments_amount_check', sql`${amount} > 0`),
    check(
      'payments_captured_check',
      sql`(${state} in ('SUCCEEDED', 'LATE_SUCCESS', 'REVERSED', 'DISPUTED')) = (${capturedAt} is not null)`,
    ),
    check(
      'payments_ended_check',
      sql`${state} not in ('FAILED', 'CANCELLED', 'EXPIRED', 'LATE_SUCCESS') or ${endedAt} is not null`,
    ),
    check('payments_currency_check', sql`${currency} ~ '^[A-Z]{3}$'`),
  ],
)

describeTable(payments, {
  retention: {
    class: 'PERMANENT',
    reason: 'Explains every transfer of the ledger, which is kept as long as the installation.',
  },
  server: { delete: false },
})
