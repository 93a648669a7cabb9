import type { UserError } from '../../engine/userError.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { daysAfter, legalDate, momentOf, monthsAfter } from '../../shared/time.js'
import { invalid, missing } from '../../shared/userErrors.js'
import { FilingPeriod, type filingRules } from './filingRule.table.js'

const forms: Record<Exclude<FilingPeriod, 'NONE'>, { pattern: RegExp; current: (today: string) => string }> = {
  MONTH: { pattern: /^2\d{3}-(0[1-9]|1[0-2])$/, current: (today) => today.slice(0, 7) },
  QUARTER: {
    pattern: /^2\d{3}-Q[1-4]$/,
    current: (today) => `${today.slice(0, 4)}-Q${Math.ceil(Number(today.slice(5, 7)) / 3)}`,
  },
  YEAR: { pattern: /^2\d{3}$/, current: (today) => today.slice(0, 4) },
}

/** What is wrong with the period of a filing. The current period is allowed, a later one is not. */
export function periodFault(
  period: FilingPeriod,
  text: string | null | undefined,
  today: string,
): UserError | undefined {
  const field = ['period']
  if (period === FilingPeriod.NONE) return text == null ? undefined : invalid('period.not_allowed', field)
  const { pattern, current } = forms[period]
  const latest = current(today)
  if (text == null) return missing('period.missing', field, { example: latest })
  if (!pattern.test(text)) return invalid('period.format', field, { example: latest })
  // Periods of one kind are in the order of their texts.
  return text > latest ? invalid('period.in_the_future', field, { latest }) : undefined
}

/** The moment from which a filing can no longer be corrected or withdrawn: the end of a day. Null if there is no limit. */
export function correctionEnds(
  receivedAt: Date,
  { correctionValue: value, correctionUnit: unit }: CorrectionTime,
): Date | null {
  if (value === null || unit === null) return null
  const receivedOn = legalDate(receivedAt)
  const last = unit === TermUnit.MONTH ? monthsAfter(receivedOn, value) : daysAfter(receivedOn, value)
  return momentOf(daysAfter(last, 1), '00:00:00')
}
type CorrectionTime = Pick<typeof filingRules.$inferSelect, 'correctionValue' | 'correctionUnit'>
