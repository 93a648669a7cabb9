import { fullAge } from './ages.js'
import { Power } from './mandate.table.js'

/** Of who acts for themselves, and of who holds a seal. */
export const fullPowers = [Power.VIEW, Power.FILE, Power.PAY, Power.SIGN]

/** The legal date on which somebody is that old: of who was born on 29 February, 1 March in other years. */
export function birthday(birthDate: string, age: number): string {
  const [year = 0, month = 1, day = 1] = birthDate.split('-').map(Number)
  return new Date(Date.UTC(year + age, month - 1, day)).toISOString().slice(0, 10)
}

/** What somebody may do for themselves. A date of birth that nobody told takes nothing away. */
export function ownPowers(birthDate: string | null, today: string): ReadonlySet<Power> {
  const isOfAge = birthDate === null || birthday(birthDate, fullAge) <= today
  return new Set(isOfAge ? fullPowers : [Power.VIEW])
}
