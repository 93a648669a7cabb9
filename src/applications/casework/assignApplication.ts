import { and, eq } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { NIL } from 'uuid'
import { refused } from '../../engine/command.js'
import { parseNodeId } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import { unknownAppointment } from '../../identity/officers/appointment.rules.js'
import { AppointmentState, appointments } from '../../identity/officers/appointment.table.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { tiesOf } from '../../identity/officers/ownCase.js'
import { ownPartyOf } from '../../shared/context.js'
import { rolesIn, standOf } from '../application.repository.js'
import { applicationCommand, type Doing, SeenApplicationInput } from '../applicationCommand.js'
import { notNow } from '../refusal.rules.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'Which application is whose to look at.' })
export class AssignApplicationInput extends SeenApplicationInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'The id of an appointment at the agency, of somebody who reviews or approves. Null: oneself. To name another takes the ' +
      'role APPROVER, or that it is one’s own to hand on.',
  })
  appointmentId?: string | null
}

export const assignApplication = applicationCommand({
  name: 'assignApplication',
  description:
    'Gives an application to an officer, who looks at it from then on. For who reviews or approves at the agency: one that ' +
    'nobody has; one that another has, for who approves. FORBIDDEN in one’s own case, and an appeal is for another than who ' +
    'decided.',
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

/** Another officer of the agency, who may look at it; an officer they are until the transaction ends. */
async function officerNamed(doing: Doing, id: string): Promise<string | UserError> {
  const { tx, context, application, relation, standing, now } = doing
  const named = parseNodeId(id)
  const isMeant = and(
    eq(appointments.id, named?.type === 'Appointment' ? named.key : NIL),
    eq(appointments.agencyId, application.agencyId),
    eq(appointments.state, AppointmentState.ACTIVE),
  )
  const [office] = await tx.select().from(appointments).where(isMeant).for('share')
  if (office && office.partyId === context.caller.party) return office.partyId
  if (!relation.isApprover && !relation.isAssigned) return { ...notNow('not_yours'), field: ['appointmentId'] }
  const { isReviewer, isApprover } = rolesIn(office?.roles)
  if (!office || (!isReviewer && !isApprover)) return { ...unknownAppointment, field: ['appointmentId'] }
  const { parties, hasDecided } = await standOf(tx, application, { officerId: office.partyId, at: now })
  const ties = await tiesOf(tx, office.partyId, parties, now)
  if (ties.size > 0) return theirCase
  return standing.appealed && hasDecided ? { ...notNow('another_officer'), field: ['appointmentId'] } : office.partyId
}

const hasIt: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'application.assigned_already',
  field: ['appointmentId'],
}
/** Not which tie it is: that is nobody's to know here. */
const theirCase: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'application.their_own_case',
  field: ['appointmentId'],
}
