import { sql } from 'drizzle-orm'
import { bigint, check, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { feeKind } from '../../catalogue/tariffs/fee.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { charges } from './charge.table.js'

/** What a charge consists of. */
export const chargeLines = pgTable(
  'charge_lines',
  {
    id: id(),
    chargeId: uuid('charge_id')
      .notNull()
      .references(() => charges.id),
    position: integer('position').notNull(),
    // Null for a total of several kinds, and for a fine.
    kind: feeKind('kind'),
    name: words('name').notNull(),
    // In minor units.
    amount: bigint('amount', { mode: 'bigint' }).notNull(),
    // That of the charge.
    currency: text('currency').notNull(),
    // The account of the budget that receives it. Null if unknown.
    budgetClassification: text('budget_classification'),
    budgetLevel: text('budget_level'),
    budgetOrganisation: text('budget_organisation'),
  },
  ({ chargeId, position, amount }) => [
    unique().on(chargeId, position),
    check('charge_lines_amount_check', sql`${amount} > 0`),
  ],
)

describeTable(chargeLines, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a charge.' },
  appendOnly: true,
})
