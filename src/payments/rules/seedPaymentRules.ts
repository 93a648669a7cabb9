import { z } from 'zod'
import { byCode, codeInFile, provenanceInFile, wordsInFile } from '../../platform/dataFile.js'
import { type Changes, seedRows, type Transaction } from '../../platform/seeding.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { ChargeSubject } from '../charges/charge.table.js'
import { refundGrounds } from '../refunds/refundGround.table.js'
import { PaymentRule, paymentRules } from './paymentRule.table.js'

const validity = { validFrom: z.iso.date(), validTo: z.iso.date().nullable() }
interface Valid {
  validFrom: string
  validTo: string | null
}
const isValid = ({ validFrom, validTo }: Valid) => validTo === null || validTo >= validFrom
const endsLate = { path: ['validTo'], message: 'a day not before validFrom, or null' }

const ruleInFile = z
  .strictObject({
    code: codeInFile,
    rule: z.enum(PaymentRule),
    value: z.int().positive(),
    // For terms.
    unit: z.enum(TermUnit).nullable(),
    // For amounts, which are in minor units.
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .nullable(),
    ...validity,
    ...provenanceInFile,
  })
  .refine(isValid, endsLate)
  .refine(
    ({ rule, unit, currency }) =>
      (rule === PaymentRule.SECOND_APPROVAL_ABOVE) === (currency !== null) && !unit === !!currency,
    {
      path: ['unit'],
      message: 'a unit for a term, and a currency for an amount',
    },
  )

const groundInFile = z
  .strictObject({
    code: codeInFile,
    name: wordsInFile,
    // Null if all.
    subjects: z.array(z.enum(ChargeSubject)).min(1).nullable(),
    exceptServices: z.array(codeInFile),
    ...validity,
    ...provenanceInFile,
  })
  .refine(isValid, endsLate)

export const paymentRulesFile = z
  .strictObject({ paymentRules: byCode(ruleInFile), refundGrounds: byCode(groundInFile) })
  .superRefine(({ paymentRules: rules }, context) => {
    for (const [index, rule] of rules.entries()) {
      // Two would leave open which one is in force.
      const other = rules.slice(0, index).find((other) => isSame(other, rule) && areBeside(other, rule))
      if (!other) continue
      const path = ['paymentRules', index, 'validFrom']
      const message = `a day on which ${other.code} is not in force`
      context.addIssue({ code: 'custom', path, input: rule.validFrom, message })
    }
  })
type RuleInFile = z.output<typeof ruleInFile>
const isSame = (one: RuleInFile, other: RuleInFile) => one.rule === other.rule && one.currency === other.currency
const areBeside = (one: Valid, other: Valid) =>
  !(one.validTo && one.validTo < other.validFrom) && !(other.validTo && other.validTo < one.validFrom)

export async function seedPaymentRules(
  tx: Transaction,
  file: z.output<typeof paymentRulesFile>,
): Promise<{ paymentRules: Changes; refundGrounds: Changes }> {
  const rules = await seedRows(tx, paymentRules, file.paymentRules, ({ code, ...lasting }) => lasting)
  const grounds = await seedRows(tx, refundGrounds, file.refundGrounds, ({ code, ...lasting }) => lasting)
  return { paymentRules: rules.changes, refundGrounds: grounds.changes }
}
