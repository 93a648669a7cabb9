import { NIL } from 'uuid'
import type { Owner } from '../../engine/declare.js'
import type { UserError } from '../../engine/userError.js'
import type { Caller, Context } from '../../shared/context.js'
import { missing, unknownCode } from '../../shared/userErrors.js'
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

type Named = { agencyId: string; code: string } | { userError: UserError }
/** The agency that a command names by its code, among those that the caller handles. Defaults to the only one. */
export function agencyNamed(
  { offices }: Caller,
  handled: readonly string[],
  code: string | null | undefined,
  whenSeveral: string,
): Named {
  const theirs = offices.filter(({ agencyId }) => handled.includes(agencyId))
  const [office, ...others] = code == null ? theirs : theirs.filter(({ agency }) => agency === code)
  if (office && others.length === 0) return { agencyId: office.agencyId, code: office.agency }
  const field = ['agencyCode']
  return { userError: code == null ? missing(whenSeveral, field) : unknownCode('agency.unknown', field, code) }
}
