import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { charges } from '../charges/charge.table.js'
import { payments } from './payment.table.js'

/** The charges of a payment, each with its whole amount. */
export const paymentItems = pgTable(
  'payment_items',
  {
    id: id(),
    paymentId: uuid('payment_id')
      .notNull()
      .references(() => payments.id),
    position: integer('position').notNull(),
    chargeId: uuid('charge_id')
      .notNull()
      .references(() => charges.id),
    // In minor units.
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    currency: text('currency').notNull(),
  },
  ({ id, paymentId, position, chargeId, amount }) => [
    unique().on(paymentId, position),
    unique().on(paymentId, chargeId),
    index().on(chargeId, id),
    check('payment_items_amount_check', sql`${amount} > 0`),
  ],
)

describeTable(paymentItems, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a payment.' },
  appendOnly: true,
})
