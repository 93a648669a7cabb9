import { NIL } from 'uuid'
import type { Owner } from '../../engine/declare.js'
import type { Context } from '../../shared/context.js'
import type { OfficerRole } from './appointment.table.js'

/** The argument for an agency of the caller. Other agencies look like unknown ones. */
export const ofAgency = (column: Owner['column'], role?: OfficerRole): Owner => ({
  argument: 'agency',
  type: () => String,
  column,
  description:
    'Code of an agency where the caller is an officer, or whose program the caller is. Defaults to the caller’s only ' +
    'agency. The list is empty for any other agency.',
  keyOf: (code, { caller }: Context) => {
    const theirs = caller.offices.filter(({ roles }) => role === undefined || roles.includes(role))
    const [office, ...others] = code == null ? theirs : theirs.filter(({ agency }) => agency === code)
    return office && others.length === 0 ? office.agencyId : NIL
  },
})
