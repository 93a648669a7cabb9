import { and, arrayContains, eq } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { NIL } from 'uuid'
import { refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { unknownAppointment } from '../../identity/officers/appointment.rules.js'
import { AppointmentState, appointments, type OfficerRole } from '../../identity/officers/appointment.table.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { tiesOf } from '../../identity/officers/ownCase.js'
import { ownPartyOf } from '../../shared/context.js'
import { loadCases, type Related, rolesIn } from '../application.repository.js'
import { applicationCommand, type Doing, SeenApplicationInput } from '../applicationCommand.js'
import { notNow } from '../refusal.rules.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'Input of `assignApplication`.' })
export class AssignApplicationInput extends SeenApplicationInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'ID of the appointment of a REVIEWER or APPROVER at the agency, from `appointments`. Defaults to the caller. ' +
      'Only an APPROVER and the assigned officer may name somebody else.',
  })
  appointmentId?: string | null
}

export const assignApplication = applicationCommand({
  name: 'assignApplication',
  description:
    'Assigns an application to an officer. Requires the role REVIEWER or APPROVER at the agency. Taking an ' +
    'application from a colleague requires APPROVER. Returns NOT_FOUND for an unknown appointment. Returns ' +
    'NOT_ALLOWED_NOW if the officer has it already, may not act in the case, or decided what is appealed. Returns ' +
    'FORBIDDEN in the caller’s own case.',
  allowedTo: caseOfficer,
  input: AssignApplicationInput,
  action: Action.ASSIGN,
  async change(doing) {
    const { context, input, application } = doing
    const officerId =
      input.appointmentId == null ? ownPartyOf(context.caller) : await officerNamed(doing, input.appointmentId)
    if (typeof officerId !== 'string') return refused([officerId])
    if (officerId === application.officerId) return refused([hasIt])
    return { set: { officerId }, ids: { officer: officerId } }
  },
})

/** The named officer, optionally with a role, or why they cannot get the application. */
export async function officerNamed(doing: Doing, id: string, role?: OfficerRole): Promise<string | UserError> {
  const [named] = await officersNamed(doing, [doing], { id, role })
  return named as string | UserError // one for each application
}

/**
 * For each application the named officer, who keeps the appointment until the transaction ends, or why they cannot get it.
 * The number of statements does not grow with the applications.
 */
export async function officersNamed(
  { tx, context }: Acting,
  cases: readonly Pick<Related, 'application' | 'relation' | 'facts'>[],
  { id, role }: { id: string; role?: OfficerRole | undefined },
): Promise<(string | UserError)[]> {
  const now = context.now()
  const isMeant = and(
    eq(appointments.id, keyIn(id, 'Appointment')),
    eq(appointments.state, AppointmentState.ACTIVE),
    role && arrayContains(appointments.roles, [role]),
  )
  const [office] = await tx.select().from(appointments).where(isMeant).for('share')
  const rows = office ? cases.map(({ application }) => application) : []
  const loaded = await loadCases(tx, rows, { officerId: office?.partyId ?? NIL, at: now })
  const parties = [...new Set([...loaded.values()].flatMap((one) => one.parties))]
  const ties = office ? await tiesOf(tx, office.partyId, parties, now) : new Map()
  return cases.map(({ application, relation, facts }) => {
    const isThere = office?.agencyId === application.agencyId
    if (isThere && office.partyId === context.caller.party) return office.partyId
    if (!relation.isApprover && !relation.isAssigned) return { ...notNow('not_yours'), field: ['appointmentId'] }
    const { isReviewer, isApprover } = rolesIn(office?.roles)
    const known = loaded.get(application.id)
    if (!isThere || !known || (!isReviewer && !isApprover)) return { ...unknownAppointment, field: ['appointmentId'] }
    if (known.parties.some((party) => ties.has(party))) return theirCase
    const isDecider = facts.appealed && known.hasDecided
    return isDecider ? { ...notNow('another_officer'), field: ['appointmentId'] } : office.partyId
  })
}

export const hasIt: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'application.assigned_already',
  field: ['appointmentId'],
}
/** Does not say which tie: that is private to the officer. */
const theirCase: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'application.their_own_case',
  field: ['appointmentId'],
}
