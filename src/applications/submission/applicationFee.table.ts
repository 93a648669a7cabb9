import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { feeDue, fees } from '../../catalogue/tariffs/fee.table.js'
import { charges } from '../../payments/charges/charge.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { applications } from '../application.table.js'

/** What is to be paid for an application: the lines of its tariff, without those of 0. */
export const applicationFees = pgTable(
  'application_fees',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    position: integer('position').notNull(),
    feeId: uuid('fee_id')
      .notNull()
      .references(() => fees.id),
    // In minor units. Null until the agency assesses it, if the tariff does not say the whole amount.
    amount: bigint('amount', { mode: 'bigint' }),
    currency: text('currency').notNull(),
    due: feeDue('due').notNull(),
    assessedAt: timestamp('assessed_at', { withTimezone: true }),
    // Its charge, which is paid or not. Null until it is due.
    chargeId: uuid('charge_id').references(() => charges.id),
  },
  ({ id, applicationId, position, feeId, amount, chargeId }) => [
    index().on(applicationId, position, id),
    unique().on(applicationId, feeId),
    check('application_fees_amount_check', sql`${amount} >= 0`),
    check('application_fees_charge_check', sql`${chargeId} is null or ${amount} > 0`),
  ],
)

describeTable(applicationFees, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
})
