import { pgTable, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { refunds } from './refund.table.js'

/** Approvals of a refund, each by another finance officer. */
export const refundApprovals = pgTable(
  'refund_approvals',
  {
    id: id(),
    refundId: uuid('refund_id')
      .notNull()
      .references(() => refunds.id),
    officerId: uuid('officer_id')
      .notNull()
      .references(() => parties.id),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  ({ refundId, officerId }) => [unique().on(refundId, officerId)],
)

describeTable(refundApprovals, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a refund.' },
  appendOnly: true,
})
