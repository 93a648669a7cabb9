import { Acknowledger, type filingRules } from '../../catalogue/services/filingRule.table.js'
import { Audience, ServiceStatus } from '../../catalogue/services/service.table.js'
import { HandledAs } from '../../catalogue/services/serviceVersion.table.js'
import type { UserError } from '../../engine/userError.js'
import { PartyKind } from '../../identity/parties/party.table.js'
import { invalid } from '../../shared/userErrors.js'
import { refusalToReplace, type Standing } from '../filing.rules.js'
import type { Earlier, ServiceToFile } from './submission.repository.js'
import { asJson, type ToFile } from './toFile.js'

type Rule = typeof filingRules.$inferSelect
export type InForce = ServiceToFile & { version: NonNullable<ServiceToFile['version']>; rule: Rule }

/** Seconds from now until a moment, for a program that waits. */
const secondsUntil = (moment: Date, now: Date) => Math.max(1, Math.ceil((moment.getTime() - now.getTime()) / 1000))

/** Why the service takes no filings now, if it does not. */
export function refusalOfService(
  { service: { status, suspendedUntil }, version, rule }: ServiceToFile,
  now: Date,
): UserError | undefined {
  const field = ['serviceCode']
  if (version && version.handledAs !== HandledAs.FILING) return invalid('filing.other_service', field)
  const until = status === ServiceStatus.SUSPENDED && suspendedUntil
  const params = until ? { retryAfter: secondsUntil(until, now) } : undefined
  const isOpen = status === ServiceStatus.ACTIVE && version && rule
  return isOpen ? undefined : { code: 'NOT_ALLOWED_NOW', reason: 'filing.not_online', field, ...(params && { params }) }
}

interface Filer {
  kind: PartyKind
  /** Whether the caller files for another party. */
  isOther: boolean
}
/** A party that is named by its VÖEN is an organisation or a sole entrepreneur. */
export const userErrorsInParty = ({ service, version }: InForce, { kind, isOther }: Filer): UserError[] => {
  const audience = kind === PartyKind.LEGAL_ENTITY ? Audience.LEGAL_ENTITY : Audience.SOLE_ENTREPRENEUR
  return [
    ...(service.audiences.includes(audience) ? [] : [invalid('filing.not_for_them', ['partyVoen'])]),
    ...(isOther && !version.delegable ? [invalid('filing.not_delegable', ['partyVoen'])] : []),
  ]
}

/** Typed content is of one form. The version in force may have another. */
export function userErrorInForm({ typedAs }: Pick<Rule, 'typedAs'>, { contentAs }: Pick<ToFile, 'contentAs'>) {
  if (contentAs === undefined || contentAs === asJson || contentAs === typedAs) return undefined
  return invalid('filing.other_form', ['content', contentAs], { expected: typedAs ?? asJson })
}

/** The filing that a correction names, if the party has it. */
type Replaced = Pick<Earlier, 'serviceId' | 'period'> & Standing
export function userErrorsInCorrection(
  replaced: Replaced | undefined,
  { serviceId, period, now }: { serviceId: string; period: string | null; now: Date },
): UserError[] {
  const field = ['replacesNumber']
  if (!replaced) return [{ code: 'NOT_FOUND', reason: 'filing.unknown', field }]
  if (replaced.serviceId !== serviceId || replaced.period !== period) return [invalid('filing.other_period', field)]
  const reason = refusalToReplace(replaced, now)
  return reason ? [{ code: 'NOT_ALLOWED_NOW', reason, field }] : []
}

/** Whether a filing takes the period for itself: a correction only does when it is accepted. */
export const slotOf = (
  { onePerPeriod }: Pick<Rule, 'onePerPeriod'>,
  { period, replacesId }: { period: string | null; replacesId: string | null },
): string | null => (onePerPeriod && replacesId === null ? period : null)

export const isByRule = ({ acknowledgedBy }: Pick<Rule, 'acknowledgedBy'>) => acknowledgedBy === Acknowledger.RULE

export const noPower: UserError = { code: 'NOT_FOUND', reason: 'filing.no_power', field: ['partyVoen'] }
export const keyReused = (number: string): UserError => ({
  code: 'KEY_REUSED',
  reason: 'filing.key_reused',
  field: ['externalNumber'],
  params: { number },
})
export const periodTaken = (number: string): UserError => ({
  code: 'CONFLICT',
  reason: 'filing.period_taken',
  field: ['period'],
  params: { number },
})
