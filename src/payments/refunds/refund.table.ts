import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgSequence,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { charges } from '../charges/charge.table.js'
import { payments } from '../checkout/payment.table.js'
import { paymentItems } from '../checkout/paymentItem.table.js'
import { refundGrounds } from './refundGround.table.js'

export enum RefundKind {
  /** What a payment could not be applied to. Nobody needs to ask for it. */
  AUTOMATIC = 'AUTOMATIC',
  /** A claim on what was applied. */
  REQUESTED = 'REQUESTED',
}
export enum RefundState {
  REQUESTED = 'REQUESTED',
  APPROVED = 'APPROVED',
  /** The bank was asked, and has not confirmed it. */
  SENT = 'SENT',
  COMPLETED = 'COMPLETED',
  REJECTED = 'REJECTED',
  /** The bank refused. */
  FAILED = 'FAILED',
}
export const refundKind = pgEnum('refund_kind', RefundKind)
export const refundState = pgEnum('refund_state', RefundState)
/** For the numbers that people see. May have gaps. */
export const refundNumbers = pgSequence('refund_numbers')

/** Money that goes back to a payer, of one charge of a payment. Its id is our refund id at the bank. */
export const refunds = pgTable(
  'refunds',
  {
    id: id(),
    number: text('number').notNull().unique(),
    kind: refundKind('kind').notNull(),
    paymentId: uuid('payment_id')
      .notNull()
      .references(() => payments.id),
    chargeId: uuid('charge_id')
      .notNull()
      .references(() => charges.id),
    // The agency of the charge.
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    // The payer, whose key encrypts the texts.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // The code of the service, as named by mandates. Null if there is none.
    serviceCode: text('service_code'),
    // In minor units.
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    currency: text('currency').notNull(),
    state: refundState('state').notNull(),
    revision: integer('revision').notNull().default(1),
    // Null for an automatic one.
    groundId: uuid('ground_id').references(() => refundGrounds.id),
    reason: personal('reason'),
    requestedBy: uuid('requested_by').references(() => parties.id),
    requestedAt: timestamp('requested_at', { withTimezone: true }).notNull(),
    // The end of the step that the agency is in: examination, second opinion, or payment. Null for an automatic one.
    dueAt: timestamp('due_at', { withTimezone: true }),
    // The legal maximum, from the request to the money.
    latestAt: timestamp('latest_at', { withTimezone: true }),
    // When it was approved or rejected.
    decidedAt: timestamp('decided_at', { withTimezone: true }),
    rejectedBy: uuid('rejected_by').references(() => parties.id),
    rejection: personal('rejection'),
    sentAt: timestamp('sent_at', { withTimezone: true }),
    // When the bank confirmed or refused it, or the agency rejected it.
    endedAt: timestamp('ended_at', { withTimezone: true }),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
  },
  ({ id, kind, paymentId, chargeId, agencyId, partyId, amount, state, requestedAt, ...more }) => [
    index().on(partyId, requestedAt, id),
    index().on(agencyId, state, requestedAt, id),
    index().on(paymentId, chargeId),
    index().on(chargeId, requestedAt, id),
    uniqueIndex('refunds_automatic').on(paymentId, chargeId).where(sql`${kind} = 'AUTOMATIC'`),
    foreignKey({
      name: 'refunds_item_fk',
      columns: [paymentId, chargeId],
      foreignColumns: [paymentItems.paymentId, paymentItems.chargeId],
    }),
    check('refunds_amount_check', sql`${amount} > 0`),
    check('refunds_currency_check', sql`${more.currency} ~ '^[A-Z]{3}$'`),
    check(
      'refunds_requested_check',
      sql`(${kind} = 'REQUESTED') = all(array[${more.groundId} is not null, ${more.requestedBy} is not null,
        ${more.dueAt} is not null, ${more.latestAt} is not null])`,
    ),
    check('refunds_automatic_check', sql`${kind} = 'REQUESTED' or ${state} not in ('REQUESTED', 'REJECTED')`),
    check('refunds_decided_check', sql`(${state} = 'REQUESTED') = (${more.decidedAt} is null)`),
    check('refunds_sent_check', sql`${state} not in ('SENT', 'COMPLETED') or ${more.sentAt} is not null`),
    check(
      'refunds_ended_check',
      sql`(${state} in ('COMPLETED', 'REJECTED', 'FAILED')) = (${more.endedAt} is not null)`,
    ),
    check('refunds_rejected_check', sql`(${state} = 'REJECTED') = (${more.rejectedBy} is not null)`),
  ],
)

describeTable(refunds, {
  retention: {
    class: 'PERMANENT',
    reason: 'Explains transfers of the ledger, which is kept as long as the installation.',
  },
  server: { delete: false },
})
