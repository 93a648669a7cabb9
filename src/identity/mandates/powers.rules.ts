import { ageOfConsent, fullAge } from '../parties/ages.js'
import { type MandateKind, Power } from './mandate.table.js'

/** Of who acts for themselves, and of who holds a seal. */
export const fullPowers = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]

/** The legal date on which somebody is that old: of who was born on 29 February, 1 March in other years. */
export function birthday(birthDate: string, age: number): string {
  const [year = 0, month = 1, day = 1] = birthDate.split('-').map(Number)
  return new Date(Date.UTC(year + age, month - 1, day)).toISOString().slice(0, 10)
}

/** What is known of somebody that tells what they may do alone. */
export interface Capacity {
  /** Null where nobody has told it, which takes nothing away. */
  birthDate: string | null
  /** Whether they have a guardian at present. */
  isWard: boolean
}
const isBelow = (age: number, { birthDate }: Capacity, today: string) =>
  birthDate !== null && today < birthday(birthDate, age)
const isOfAge = (age: number, { birthDate }: Capacity, today: string) =>
  birthDate !== null && birthday(birthDate, age) <= today

/** What somebody may do for themselves. */
export const ownPowers = (capacity: Capacity, today: string): ReadonlySet<Power> =>
  new Set(actsAlone(capacity, today) ? fullPowers : [Power.VIEW])

/** Whether somebody does what binds them: who does not, does it for no organisation either. */
export const actsAlone = (capacity: Capacity, today: string): boolean =>
  !capacity.isWard && !isBelow(fullAge, capacity, today)

/** A way to a party: of two links the first is the party's own mandate, the second that of the firm's staff. */
interface Way {
  kind: `${MandateKind}`
  /** By what the caller has it: of two links the kind of the second. */
  heldAs: `${MandateKind}`
  powers: readonly Power[]
}
const forOrganisations = ['HEAD', 'SEAL_HOLDER', 'DELEGATE', 'EMPLOYEE']

/**
 * What is left of it at the ages of both. Parents and guardians act for whom is too young to consent to, then consent to what
 * the minor does; with full age it ends, but for a guardian's, who has a ward of any age.
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
