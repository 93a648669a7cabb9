import { Assurance } from '../../shared/assurance.table.js'
import { hasScope, only } from '../../shared/context.js'
import type { Question } from '../consents/accessBasis.repository.js'

/** A question about a party, its purpose and the agency that asks. */
export type RecordsOf = Omit<Question, 'vehicle'>

/** Each look-up checks separately about whom the caller may ask, and under which legal ground. */
export const registriesRead = only(
  'registriesRead',
  'persons, officers, and programs with the scope registries:read',
  ['PERSON', 'PROGRAM', 'OFFICER'],
  { assurance: Assurance.SUBSTANTIAL },
  (caller) => hasScope(caller, 'registries:read'),
)
