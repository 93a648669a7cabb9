import { sql } from 'drizzle-orm'
import { bigint, check, date, index, jsonb, pgEnum, pgTable, text } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { termUnit } from '../../shared/termUnit.table.js'

/** What a payment rule limits. Terms have a unit, amounts a currency. */
export enum PaymentRule {
  /** Time for the agency to examine a refund. */
  REFUND_EXAMINATION = 'REFUND_EXAMINATION',
  /** Time for the second opinion, if the amount requires one. */
  REFUND_OPINION = 'REFUND_OPINION',
  /** Time from the request until the money leaves. */
  REFUND_TARGET = 'REFUND_TARGET',
  REFUND_LEGAL_MAXIMUM = 'REFUND_LEGAL_MAXIMUM',
  /** Time after a payment in which a refund may be requested. */
  REFUND_CLAIM_LIMIT = 'REFUND_CLAIM_LIMIT',
  /** Above it, two officers must approve a refund. */
  SECOND_APPROVAL_ABOVE = 'SECOND_APPROVAL_ABOVE',
}
export const paymentRule = pgEnum('payment_rule', PaymentRule)

/** Terms and limits of refunds. */
export const paymentRules = pgTable(
  'payment_rules',
  {
    id: id(),
    code: text('code').notNull().unique(),
    rule: paymentRule('rule').notNull(),
    // Units of the term, or minor units of the currency.
    value: bigint('value', { mode: 'number' }).notNull(),
    unit: termUnit('unit'),
    currency: text('currency'),
    validFrom: date('valid_from').notNull(),
    // Last day. Null if it has no end date.
    validTo: date('valid_to'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ rule, value, unit, currency, validFrom, validTo }) => [
    index().on(rule, validFrom),
    check('payment_rules_value_check', sql`${value} > 0`),
    check('payment_rules_unit_check', sql`(${unit} is null) = (${currency} is not null)`),
    check('payment_rules_kind_check', sql`(${rule} = 'SECOND_APPROVAL_ABOVE') = (${currency} is not null)`),
    check('payment_rules_validity_check', sql`${validTo} >= ${validFrom}`),
  ],
)

describeTable(paymentRules, {
  retention: { class: 'PERMANENT', reason: 'Explains the deadlines and limits of earlier payments and refunds.' },
})
