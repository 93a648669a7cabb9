import { sql } from 'drizzle-orm'
import { check, date, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { chargeSubject } from '../charges/charge.table.js'

/** Legal grounds for a refund. What no ground permits is not refunded. */
export const refundGrounds = pgTable(
  'refund_grounds',
  {
    id: id(),
    code: text('code').notNull().unique(),
    name: words('name').notNull(),
    // Kinds of subjects whose charges it refunds. Null if all.
    subjects: chargeSubject('subjects').array(),
    // Codes of services whose charges it never refunds.
    exceptServices: text('except_services').array().notNull(),
    validFrom: date('valid_from').notNull(),
    // Last day. Null if it has no end date.
    validTo: date('valid_to'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ subjects, validFrom, validTo }) => [
    check('refund_grounds_subjects_check', sql`cardinality(${subjects}) > 0`),
    check('refund_grounds_validity_check', sql`${validTo} >= ${validFrom}`),
  ],
)

describeTable(refundGrounds, {
  retention: { class: 'PERMANENT', reason: 'Refunds name the legal ground of each.' },
})
