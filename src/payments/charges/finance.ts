import type { Acting } from '../../events/commandKeys.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { holdUnder } from '../../identity/officers/holdOffices.js'
import { agenciesOf } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Caller, hasScope, only } from '../../shared/context.js'

/** The agencies whose charges the caller may raise and cancel. */
export const handlesCharges = (caller: Caller): string[] => {
  if (caller.kind === 'AGENCY_PROGRAM') return hasScope(caller, 'charges:raise') ? agenciesOf(caller) : []
  return caller.kind === 'OFFICER' ? agenciesOf(caller, OfficerRole.FINANCE) : []
}

/** Allows those who handle charges of any agency. The command checks which agency. */
export const financeOrProgram = only(
  'financeOrProgram',
  'officers with the role FINANCE, and programs of agencies with the scope charges:raise',
  ['OFFICER', 'AGENCY_PROGRAM'],
  { assurance: Assurance.HIGH },
  (caller) => handlesCharges(caller).length > 0,
)

/** The ID of the appointment or program under which the caller handles charges of an agency, locked. Undefined if there is none. */
export const holdFinance = async (acting: Acting, agencyId: string): Promise<string | undefined> =>
  handlesCharges(acting.context.caller).includes(agencyId)
    ? await holdUnder(acting, agencyId, [OfficerRole.FINANCE])
    : undefined
