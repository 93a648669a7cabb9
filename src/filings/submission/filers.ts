import { hasScope, only } from '../../shared/context.js'

/** Allows persons, and programs with the scope filings:write. The command checks their power over the party. */
export const filers = only(
  'filers',
  'persons, and programs with the scope filings:write',
  ['PERSON', 'PROGRAM'],
  {},
  (caller) => hasScope(caller, 'filings:write'),
)
