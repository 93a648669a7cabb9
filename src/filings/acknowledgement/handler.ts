import type { Acting } from '../../events/commandKeys.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { holdUnder } from '../../identity/officers/holdOffices.js'
import { agenciesOf, caseOfficesOf } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Caller, hasScope, only } from '../../shared/context.js'

/** The agencies whose filings the caller collects and acknowledges. */
export const handlesFilings = (caller: Caller): string[] => {
  if (caller.kind === 'AGENCY_PROGRAM') return hasScope(caller, 'filings:handle') ? agenciesOf(caller) : []
  return caller.kind === 'OFFICER' ? caseOfficesOf(caller).map(({ agencyId }) => agencyId) : []
}

/** Allows those who acknowledge filings of any agency. The command checks which agency. */
export const filingHandler = only(
  'filingHandler',
  'officers who review or approve, and programs of agencies with the scope filings:handle',
  ['OFFICER', 'AGENCY_PROGRAM'],
  { assurance: Assurance.HIGH },
  (caller) => handlesFilings(caller).length > 0,
)

/** The ID of the appointment or program under which the caller handles filings of an agency, locked. Undefined if there is none. */
export const holdHandler = async (acting: Acting, agencyId: string): Promise<string | undefined> =>
  handlesFilings(acting.context.caller).includes(agencyId)
    ? await holdUnder(acting, agencyId, [OfficerRole.REVIEWER, OfficerRole.APPROVER])
    : undefined
