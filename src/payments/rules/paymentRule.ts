import { and, desc, gte, isNull, lte, or } from 'drizzle-orm'
import type { Transaction } from '../../platform/seeding.js'
import type { Term } from '../../shared/dueAfter.js'
import { PaymentRule, paymentRules } from './paymentRule.table.js'

type TermRule = Exclude<PaymentRule, PaymentRule.SECOND_APPROVAL_ABOVE>

/** The rules in force on a legal date. */
export interface Rules {
  termOf(rule: TermRule): Term
  /** In minor units. Null if no amount in the currency requires a second approval. */
  secondApprovalAbove(currency: string): bigint | null
}

export async function rulesOn(reading: Pick<Transaction, 'select'>, date: string): Promise<Rules> {
  const { validFrom, validTo } = paymentRules
  const inForce = await reading
    .select()
    .from(paymentRules)
    .where(and(lte(validFrom, date), or(isNull(validTo), gte(validTo, date))))
    .orderBy(desc(validFrom))
  const find = (rule: PaymentRule, currency: string | null) =>
    inForce.find((row) => row.rule === rule && row.currency === currency)
  return {
    termOf(rule) {
      const found = find(rule, null)
      if (!found?.unit) throw new Error(`payment_rules must have a row of ${rule} on ${date}; it has none`)
      return { value: found.value, unit: found.unit }
    },
    secondApprovalAbove(currency) {
      const found = find(PaymentRule.SECOND_APPROVAL_ABOVE, currency)
      return found ? BigInt(found.value) : null
    },
  }
}
