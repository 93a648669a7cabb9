import type { UserError } from '../../engine/userError.js'
import { birthday } from '../../identity/mandates/powers.rules.js'
import { fullAge } from '../../identity/parties/ages.js'
import { legalDate, momentOf } from '../../shared/time.js'
import { unknownCode } from '../../shared/userErrors.js'
import * as userErrors from './consent.errors.js'
import type { consents } from './consent.table.js'

export enum ConsentState {
  NOT_YET_VALID = 'NOT_YET_VALID',
  IN_FORCE = 'IN_FORCE',
  EXPIRED = 'EXPIRED',
  WITHDRAWN = 'WITHDRAWN',
}
type Period = Pick<typeof consents.$inferSelect, 'validFrom' | 'validTo'>

export function stateOf(
  { validFrom, validTo, withdrawnAt }: Period & Pick<typeof consents.$inferSelect, 'withdrawnAt'>,
  now: Date,
): ConsentState {
  if (withdrawnAt) return ConsentState.WITHDRAWN
  if (validTo <= now) return ConsentState.EXPIRED
  return validFrom <= now ? ConsentState.IN_FORCE : ConsentState.NOT_YET_VALID
}

export const maxRegistries = 20
export const maxConsents = 100
const maxYears = 5

export interface Wanted extends Period {
  agency: string
  purpose: string
  /** Codes, without duplicates. */
  registries: readonly string[]
}

/** Errors that do not depend on the law. */
export function userErrorsInConsent({ registries, validFrom, validTo }: Wanted, now: Date): UserError[] {
  const latest = new Date(now)
  latest.setUTCFullYear(now.getUTCFullYear() + maxYears)
  return [
    ...(registries.length === 0 ? [userErrors.noRegistries] : []),
    ...(registries.length > maxRegistries ? [userErrors.tooManyRegistries(maxRegistries, registries.length)] : []),
    ...(legalDate(validFrom) < legalDate(now) ? [userErrors.beginsInThePast] : []),
    ...(validTo <= validFrom ? [userErrors.endsBeforeItBegins] : []),
    ...(validTo <= now ? [userErrors.endsInThePast] : []),
    ...(validTo > latest ? [userErrors.tooFar(maxYears)] : []),
  ]
}

/** A consent for a minor must end when they come of age. */
export function userErrorsInAge(birthDate: string | null, { validTo }: Wanted, today: string): UserError[] {
  if (birthDate === null) return []
  const grownOn = birthday(birthDate, fullAge)
  return today < grownOn && validTo > momentOf(grownOn, '00:00:00') ? [userErrors.beyondFullAge(fullAge)] : []
}

/** The agency, purpose and registries that exist, and what the law says about each on the first day. */
export interface Found {
  agencyId: string | null
  purposeId: string | null
  registries: readonly {
    code: string
    isKnown: boolean
    /** Whether consent is required. Null if no ground lets the agency query the registry for the purpose. */
    consentRequired: boolean | null
  }[]
}

export type FoundAll = Found & { agencyId: string; purposeId: string }
export const isThere = (found: Found): found is FoundAll => found.agencyId !== null && found.purposeId !== null

/** A consent is only accepted if a legal ground requires it. */
export function userErrorsInGrounds(
  { agency, purpose }: Wanted,
  { agencyId, purposeId, registries }: Found,
): UserError[] {
  const unknown = [
    ...(agencyId ? [] : [unknownCode('agency.unknown', ['agencyCode'], agency)]),
    ...(purposeId ? [] : [unknownCode('purpose.unknown', ['purposeCode'], purpose)]),
    ...registries.flatMap(({ code, isKnown }) =>
      isKnown ? [] : [unknownCode('registry.unknown', ['registryCodes'], code)],
    ),
  ]
  if (unknown.length > 0) return unknown
  const named = (needed: boolean | null) =>
    registries.filter(({ consentRequired }) => consentRequired === needed).map(({ code }) => code)
  const [ungrounded, free] = [named(null), named(false)]
  return [
    ...(ungrounded.length > 0 ? [userErrors.noGround(agency, purpose, ungrounded)] : []),
    ...(free.length > 0 ? [userErrors.notNeeded(agency, purpose, free)] : []),
  ]
}

type ConsentInForce = Pick<
  typeof consents.$inferSelect,
  'agencyId' | 'purposeId' | 'registries' | 'validFrom' | 'validTo'
>
/**
 * Errors that depend on the party's consents in force. Two consents never permit the same query at the same time: otherwise a
 * withdrawal of one would have no effect.
 */
export function userErrorsBeside(
  wanted: Wanted,
  { agencyId, purposeId }: FoundAll,
  inForce: readonly ConsentInForce[],
): UserError[] {
  const taken = inForce.flatMap((one) => {
    const isBeside = one.validFrom < wanted.validTo && wanted.validFrom < one.validTo
    const both = one.registries.filter((code) => wanted.registries.includes(code))
    const isSame = one.agencyId === agencyId && one.purposeId === purposeId
    return isSame && isBeside && both.length > 0 ? [userErrors.alreadyExists(both, one.validTo)] : []
  })
  return [...taken, ...(inForce.length >= maxConsents ? [userErrors.tooMany(maxConsents)] : [])]
}
