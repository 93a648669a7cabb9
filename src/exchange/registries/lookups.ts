import { border } from './border.js'
import { civilStatus } from './civilStatus.js'
import { companies } from './company.js'
import type { Lookup } from './lookup.js'
import { population } from './population.js'
import { property } from './property.js'
import { socialInsurance } from './socialInsurance.js'
import { tax } from './tax.js'
import { traffic } from './traffic.js'

/** All look-ups, by the names that forms use. */
export const lookups: Readonly<Record<string, Lookup>> = {
  population,
  companies,
  traffic,
  property,
  socialInsurance,
  border,
  tax,
  civilStatus,
}
