import { ageOfConsent, fullAge } from '../parties/ages.js'
import { type MandateKind, Power } from './mandate.table.js'

/** Powers of a person over themselves, and of a seal holder. */
export const fullPowers = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]

/** The legal date on which somebody reaches an age. For a birth on 29 February: 1 March in other years. */
export function birthday(birthDate: string, age: number): string {
  const [year = 0, month = 1, day = 1] = birthDate.split('-').map(Number)
  return new Date(Date.UTC(year + age, month - 1, day)).toISOString().slice(0, 10)
}

/** Facts that decide what a person may do alone. */
export interface Capacity {
  /** Null if unknown, which restricts nothing. */
  birthDate: string | null
  /** Whether the person has a guardian now. */
  isWard: boolean
}
const isBelow = (age: number, { birthDate }: Capacity, today: string) =>
  birthDate !== null && today < birthday(birthDate, age)
const isOfAge = (age: number, { birthDate }: Capacity, today: string) =>
  birthDate !== null && birthday(birthDate, age) <= today

/** Powers of a person over themselves. */
export const ownPowers = (capacity: Capacity, today: string): ReadonlySet<Power> =>
  new Set(actsAlone(capacity, today) ? fullPowers : [Power.VIEW])

/** Whether a person can bind themselves. If not, they cannot bind an organisation either. */
export const actsAlone = (capacity: Capacity, today: string): boolean =>
  !capacity.isWard && !isBelow(fullAge, capacity, today)

/** One or two mandates that lead to a party. Of two, the first is given by the party, the second by the firm to its staff. */
interface Way {
  kind: `${MandateKind}`
  /** Kind of the mandate that the caller holds. */
  heldAs: `${MandateKind}`
  powers: readonly Power[]
}
const forOrganisations = ['HEAD', 'SEAL_HOLDER', 'DELEGATE', 'EMPLOYEE']

/**
 * The powers that remain at the ages of both persons. Parents and guardians act for young children, and decide what a minor aged
 * 14 to 17 may do alone. Their powers end at 18, except those of the guardian of a ward.
 */
export function powersAtAges(
  { kind, heldAs, powers }: Way,
  { holder, principal }: { holder: Capacity; principal: Capacity },
  today: string,
): readonly Power[] {
  if (forOrganisations.includes(heldAs) && !actsAlone(holder, today)) return []
  const isGrown = isOfAge(fullAge, principal, today)
  if (isGrown && (kind === 'PARENT' || kind === 'CONSENT')) return []
  const consents = (kind === 'PARENT' || kind === 'GUARDIAN') && !isGrown && isOfAge(ageOfConsent, principal, today)
  return consents ? powers.filter((power) => power === Power.VIEW || power === Power.CONSENT) : powers
}
