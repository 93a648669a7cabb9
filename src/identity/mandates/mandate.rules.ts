import type { UserError } from '../../engine/userError.js'
import type { Read } from '../../shared/identifiers/reading.js'
import { legalDate } from '../../shared/time.js'
import { ageOfConsent, fullAge } from '../parties/ages.js'
import * as userErrors from './mandate.errors.js'
import type { MandateKind, mandates, Power } from './mandate.table.js'
import { birthday, fullPowers } from './powers.rules.js'

export const maxMandates = 200
export const maxServices = 100
const maxYears = 5
const codeOfService = /^[A-Z][A-Z0-9_-]{0,59}$/

/** Powers that each kind may have. Lists only kinds that are granted here; the others come from registers. */
const powersOf: Partial<Record<MandateKind, readonly `${Power}`[]>> = {
  SEAL_HOLDER: fullPowers,
  DELEGATE: fullPowers,
  EMPLOYEE: fullPowers,
  CONSENT: ['FILE', 'PAY', 'SIGN'],
}

export interface Wanted {
  kind: MandateKind
  powers: readonly Power[]
  services: readonly string[] | null
  validFrom: Date
  validTo: Date | null
}

/** The identifiers given for the holder, as they were read. */
export interface NamedHolder {
  fin?: Read | undefined
  voen?: Read | undefined
}
const isUnread = (read: Read | undefined) => read !== undefined && !('value' in read)
/** The last digit of a VÖEN is 1 for a legal entity and 2 for a person, who is identified by their FİN. */
const isOfPerson = (voen: Read | undefined) => voen !== undefined && 'value' in voen && voen.value.endsWith('2')

/** Checks the input only, not who exists: the answer must not reveal that. */
export function userErrorsInHolder(kind: MandateKind, { fin, voen }: NamedHolder): UserError[] {
  if (kind === 'CONSENT') return fin || voen ? [userErrors.holderIsTheMinor] : []
  if (!fin === !voen) return [userErrors.oneHolder(!fin)]
  const takesPerson = kind === 'EMPLOYEE' || kind === 'SEAL_HOLDER'
  return [
    ...[fin, voen].flatMap((read) =>
      read && !('value' in read) ? [userErrors.unread(read, read === fin ? 'fin' : 'voen')] : [],
    ),
    ...(isOfPerson(voen) ? [userErrors.personByFin] : []),
    ...(takesPerson && voen && !isUnread(voen) && !isOfPerson(voen) ? [userErrors.takesPerson] : []),
  ]
}

/** Errors that do not depend on the holder. */
export function userErrorsInGrant({ kind, powers, services, validFrom, validTo }: Wanted, now: Date): UserError[] {
  const allowed = powersOf[kind]
  if (!allowed) return [userErrors.ofRegister]
  const beyond = [...new Set(powers.filter((power) => !allowed.includes(power)))]
  const strange = [...new Set(services?.filter((code) => !codeOfService.test(code)))]
  const latest = new Date(now)
  latest.setUTCFullYear(now.getUTCFullYear() + maxYears)
  return [
    ...(powers.length === 0 ? [userErrors.noPowers] : []),
    ...(beyond.length > 0 ? [userErrors.beyondKind(kind, beyond, allowed)] : []),
    ...(kind === 'SEAL_HOLDER' ? userErrorsInSealHolder({ powers, services }) : []),
    ...(services?.length === 0 ? [userErrors.noServices] : []),
    ...(services && services.length > maxServices ? [userErrors.tooManyServices(maxServices, services.length)] : []),
    ...strange.slice(0, 10).map((code) => userErrors.strangeService(code)),
    ...(legalDate(validFrom) < legalDate(now) ? [userErrors.beginsInThePast] : []),
    ...(validTo && validTo <= validFrom ? [userErrors.endsBeforeItBegins] : []),
    ...(validTo && validTo <= now ? [userErrors.endsInThePast] : []),
    ...(validFrom > latest ? [userErrors.tooFar('validFrom', maxYears)] : []),
    ...(validTo && validTo > latest ? [userErrors.tooFar('validTo', maxYears)] : []),
    ...(kind === 'DELEGATE' && !validTo ? [userErrors.noEnd] : []),
  ]
}

/** A seal holder can grant any power to others, so a part of the seal would amount to all of it. */
const userErrorsInSealHolder = ({ powers, services }: Pick<Wanted, 'powers' | 'services'>): UserError[] => [
  ...(powers.length > 0 && fullPowers.some((power) => !powers.includes(power))
    ? [userErrors.sealIsWhole('powers')]
    : []),
  ...(services ? [userErrors.sealIsWhole('serviceCodes')] : []),
]

type MandateInForce = Pick<
  typeof mandates.$inferSelect,
  'holderId' | 'kind' | 'powers' | 'services' | 'validFrom' | 'validTo'
>

/** Errors that depend on the mandates in force of the principal. */
export function userErrorsBeside(
  wanted: Wanted,
  inForce: readonly MandateInForce[],
  { principal, granter, holder }: { principal: string; granter: string; holder: string },
): UserError[] {
  // Returned alone, so that a caller at the limit learns nothing about the holder.
  if (inForce.length >= maxMandates) return [userErrors.tooMany(maxMandates)]
  const isToOneself = wanted.kind !== 'CONSENT' && [principal, granter].includes(holder)
  return [
    ...(isToOneself ? [userErrors.toOneself] : []),
    ...(inForce.some((one) => one.holderId === holder && covers(one, wanted)) ? [userErrors.alreadyExists] : []),
  ]
}

const setOf = (values: readonly string[] | null) => values && [...new Set(values)].sort().join()
const same = (one: readonly string[] | null, other: readonly string[] | null) => setOf(one) === setOf(other)

/** Whether a mandate gives the same for at least the same period. */
const covers = (one: MandateInForce, wanted: Wanted): boolean =>
  one.kind === wanted.kind &&
  same(one.powers, wanted.powers) &&
  same(one.services, wanted.services) &&
  one.validFrom <= wanted.validFrom &&
  (one.validTo === null || (wanted.validTo !== null && one.validTo >= wanted.validTo))

/** A consent requires a minor aged 14 to 17. */
export function userErrorsInAge(birthDate: string | null, today: string): UserError[] {
  if (birthDate === null) return [userErrors.ageUnknown]
  const isOfThatAge = birthday(birthDate, ageOfConsent) <= today && today < birthday(birthDate, fullAge)
  return isOfThatAge ? [] : [userErrors.notOfThatAge(ageOfConsent, fullAge)]
}
