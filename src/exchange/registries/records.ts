import { Assurance } from '../../shared/assurance.table.js'
import { hasScope, only } from '../../shared/context.js'
import type { Question } from '../consents/accessBasis.repository.js'

/** About whom, for what and by whose office. */
export type Asking = Omit<Question, 'vehicle'>

/** Whom a registry may be asked about, and by which law, each look-up asks. */
export const registriesRead = only(
  'registriesRead',
  'persons, officers, and programs with the scope registries:read',
  ['PERSON', 'PROGRAM', 'OFFICER'],
  { assurance: Assurance.SUBSTANTIAL },
  (caller) => hasScope(caller, 'registries:read'),
)
