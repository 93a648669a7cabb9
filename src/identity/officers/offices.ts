import { and, arrayContains, eq, inArray, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Rule } from '../../engine/allowedTo.js'
import { asked } from '../../engine/declare.js'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Caller, type Context, type Office, only, ownPartyOf, type StepUp } from '../../shared/context.js'
import { AppointmentState, appointments, OfficerRole } from './appointment.table.js'

/** The agencies at which somebody is an officer, of the role that is named. */
export const agenciesOf = ({ offices }: Caller, role?: OfficerRole): string[] =>
  offices.filter(({ roles }) => role === undefined || roles.includes(role)).map(({ agencyId }) => agencyId)

const rules = new Map<string, Rule>()
/**
 * Open to officers, of a role where one is named, at whichever agency: whether the row is that agency's, its scope or its
 * command asks. One rule for equal demands.
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

/** In the scope of a noun, for an OFFICER: rows that an agency of theirs handles, where they have the role that is named. */
export function handledByCaller(agency: PgColumn, role?: OfficerRole) {
  const theirs = asked(({ caller }: Context) => agenciesOf(caller, role))
  return sql`${agency} = any(${theirs}::uuid[])`
}

const mayReview = ({ roles }: Office) => roles.includes(OfficerRole.REVIEWER) || roles.includes(OfficerRole.APPROVER)
/** The offices in which somebody looks at or decides cases. */
export const caseOfficesOf = ({ offices }: Caller): Office[] => offices.filter(mayReview)
/** Open to whoever looks at or decides cases of an agency; of which, is asked within. */
export const caseOfficer = only(
  'caseOfficer',
  'officers who review or approve',
  ['OFFICER'],
  { assurance: Assurance.HIGH },
  ({ offices }) => offices.some(mayReview),
)
/** Open to who says who the officers of an agency are; of which, is asked within. */
export const admin = officer(OfficerRole.ADMIN, { assurance: Assurance.HIGH })

/** Open to the operator, and to whoever is ADMIN of some agency; `refuseUnlessAdminOf` asks of which. */
export const operatorOrAdmin = only(
  'operatorOrAdmin',
  'the operator and the ADMIN of the agency',
  ['OPERATOR', 'OFFICER'],
  { assurance: Assurance.HIGH },
  (caller) => caller.kind === 'OPERATOR' || agenciesOf(caller, OfficerRole.ADMIN).length > 0,
)

/** In how many seconds after they signed in somebody does what cannot be taken back easily. */
const lately = { assurance: Assurance.HIGH, within: 600 }
export const operatorLately = only('operatorLately', 'the operator', ['OPERATOR'], lately)
/** Open to who signs in as an officer, be it with nothing yet but an appointment to accept. */
export const appointeeLately = only('appointeeLately', 'whoever signs in as an officer', ['OFFICER'], lately)

/** Open to all who may see an appointment. */
export const official = only('official', 'officers, the operator and auditors', ['OFFICER', 'OPERATOR', 'AUDITOR'])

/**
 * Lets the operator act for any agency, and an officer for those that they are ADMIN of, which they then are until the
 * transaction ends. Asked after what the agencies hold is locked, so that it is theirs still. Gives the ids for the event:
 * under which appointments an officer does it.
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
    throw refusal('FORBIDDEN', 'This is for the operator and the ADMIN of the agency alone; you are of another.', {
      reason: 'agency.not_yours',
    })
  return held.length > 0 ? { under: held.map(({ id }) => id).join(' ') } : {}
}
