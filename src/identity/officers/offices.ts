import { and, arrayContains, eq, inArray, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Rule } from '../../engine/allowedTo.js'
import { asked } from '../../engine/declare.js'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Caller, type Context, type Office, only, ownPartyOf, type StepUp } from '../../shared/context.js'
import { AppointmentState, appointments, OfficerRole } from './appointment.table.js'

/** Agencies where the caller is an officer, optionally with a role. */
export const agenciesOf = ({ offices }: Caller, role?: OfficerRole): string[] =>
  offices.filter(({ roles }) => role === undefined || roles.includes(role)).map(({ agencyId }) => agencyId)

const rules = new Map<string, Rule>()
/**
 * Allows officers of any agency, optionally with a role. The scope or the command checks which agency. Equal arguments return
 * the same rule.
 */
export function officer(role?: OfficerRole, wanted: StepUp = {}): Rule {
  const { assurance = '', within = '' } = wanted
  const name = `officer ${role ?? ''} ${assurance} ${within}`
  const whose = role ? `officers with the role ${role}` : 'officers of an agency'
  const isMeant = (caller: Caller) => agenciesOf(caller, role).length > 0
  const rule = rules.get(name) ?? only(name, whose, ['OFFICER'], wanted, isMeant)
  rules.set(name, rule)
  return rule
}

/** For the scope of a noun: rows of agencies where the officer has the role. */
export function handledByCaller(agency: PgColumn, role?: OfficerRole) {
  const theirs = asked(({ caller }: Context) => agenciesOf(caller, role))
  return sql`${agency} = any(${theirs}::uuid[])`
}

/** The same with the role REVIEWER or APPROVER. */
export function reviewedByCaller(agency: PgColumn) {
  const theirs = asked(({ caller }: Context) => caseOfficesOf(caller).map(({ agencyId }) => agencyId))
  return sql`${agency} = any(${theirs}::uuid[])`
}

const mayReview = ({ roles }: Office) => roles.includes(OfficerRole.REVIEWER) || roles.includes(OfficerRole.APPROVER)
/** Offices with the role REVIEWER or APPROVER. */
export const caseOfficesOf = ({ offices }: Caller): Office[] => offices.filter(mayReview)
/** Allows reviewers and approvers of any agency. The command checks which agency. */
export const caseOfficer = only(
  'caseOfficer',
  'officers who review or approve',
  ['OFFICER'],
  { assurance: Assurance.HIGH },
  ({ offices }) => offices.some(mayReview),
)
/** Allows those, and officers with the role FINANCE, who may read a case to assess what is paid for it. */
export const caseOrFinanceOfficer = only(
  'caseOrFinanceOfficer',
  'officers who review, approve or handle fees',
  ['OFFICER'],
  { assurance: Assurance.HIGH },
  ({ offices }) => offices.some((office) => mayReview(office) || office.roles.includes(OfficerRole.FINANCE)),
)
/** Allows the ADMIN of any agency. The command checks which agency. */
export const admin = officer(OfficerRole.ADMIN, { assurance: Assurance.HIGH })

/** Allows the operator, and the ADMIN of any agency. `refuseUnlessAdminOf` checks which agency. */
export const operatorOrAdmin = only(
  'operatorOrAdmin',
  'the operator and the ADMIN of the agency',
  ['OPERATOR', 'OFFICER'],
  { assurance: Assurance.HIGH },
  (caller) => caller.kind === 'OPERATOR' || agenciesOf(caller, OfficerRole.ADMIN).length > 0,
)

/** A recent sign-in, for actions that are hard to undo. */
const lately = { assurance: Assurance.HIGH, within: 600 }
export const operatorLately = only('operatorLately', 'the operator', ['OPERATOR'], lately)
/** Allows officers, including one whose only appointment is not accepted yet. */
export const appointeeLately = only('appointeeLately', 'officers', ['OFFICER'], lately)

/** Allows everybody who may see an appointment. */
export const official = only('official', 'officers, the operator and auditors', ['OFFICER', 'OPERATOR', 'AUDITOR'])

/**
 * Throws unless the caller is the operator or an ADMIN of these agencies, and locks their appointments until the transaction ends.
 * Call it after locking the agencies' rows. Returns the appointments as IDs for the event.
 */
export async function refuseUnlessAdminOf(
  { tx, context: { caller } }: Acting,
  agencyIds: readonly (string | undefined)[],
): Promise<{ under?: string }> {
  if (caller.kind === 'OPERATOR') return {}
  const wanted = [...new Set(agencyIds)].filter((id) => id !== undefined)
  const held = await tx
    .select({ id: appointments.id })
    .from(appointments)
    .where(
      and(
        eq(appointments.partyId, ownPartyOf(caller)),
        inArray(appointments.agencyId, wanted),
        eq(appointments.state, AppointmentState.ACTIVE),
        arrayContains(appointments.roles, [OfficerRole.ADMIN]),
      ),
    )
    .for('share')
  if (held.length < wanted.length)
    throw refusal('FORBIDDEN', 'Only the operator and the ADMIN of this agency may do this.', {
      reason: 'agency.not_yours',
    })
  return held.length > 0 ? { under: held.map(({ id }) => id).join(' ') } : {}
}
