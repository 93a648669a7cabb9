import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { tariffs } from './tariff.table.js'

export enum FeeKind {
  STATE_DUTY = 'STATE_DUTY',
  SERVICE_FEE = 'SERVICE_FEE',
  TAX = 'TAX',
  COMMISSION = 'COMMISSION',
}
export enum FeeDue {
  BEFORE_REGISTRATION = 'BEFORE_REGISTRATION',
  AFTER_APPROVAL = 'AFTER_APPROVAL',
  AT_HANDOVER = 'AT_HANDOVER',
}

export const feeKind = pgEnum('fee_kind', FeeKind)
export const feeDue = pgEnum('fee_due', FeeDue)

/** The lines of a tariff. */
export const fees = pgTable(
  'fees',
  {
    id: id(),
    tariffId: uuid('tariff_id')
      .notNull()
      .references(() => tariffs.id),
    position: integer('position').notNull(),
    code: text('code').notNull(),
    name: words('name').notNull(),
    // Null for a total of several kinds, and if nothing is paid.
    kind: feeKind('kind'),
    // In minor units. Null if unknown, which does not mean free.
    amount: bigint('amount', { mode: 'bigint' }),
    currency: text('currency').notNull(),
    // What the amount is for, such as a page. Null if it is the whole amount.
    per: words('per'),
    // Null if nothing is paid.
    due: feeDue('due'),
    // The account of the budget that receives it. Null if unknown.
    budgetClassification: text('budget_classification'),
    budgetLevel: text('budget_level'),
    budgetOrganisation: text('budget_organisation'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    note: words('note'),
  },
  ({ id, tariffId, position, code, amount, currency, due, confidence }) => [
    index().on(tariffId, position, id),
    unique().on(tariffId, code),
    check('fees_amount_check', sql`${amount} >= 0`),
    check('fees_unknown_check', sql`(${amount} is null) = (${confidence} = 'UNKNOWN')`),
    check('fees_due_check', sql`(${due} is null) = (${amount} is not distinct from 0)`),
    check('fees_currency_check', sql`${currency} ~ '^[A-Z]{3}$'`),
  ],
)

describeTable(fees, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
