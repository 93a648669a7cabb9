import { inArray, isNull } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { adminsOf, endAppointment, lockAppointment } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { lastAdmin, notAllowedNow, unknownAppointment } from './appointment.rules.js'
import { AppointmentState, appointments, EndReason, OfficerRole } from './appointment.table.js'
import { agenciesOf, operatorOrAdmin, refuseUnlessAdminOf } from './offices.js'

@InputType({ description: 'Whose appointment ends, and why.' })
export class DismissOfficerInput {
  @Field(() => ID, {
    description:
      'The id of an appointment at an agency that the caller is ADMIN of; for the operator, of one that was never in force.',
  })
  appointmentId!: string
  @Field(() => EndReason, { description: 'Why.' })
  reason!: EndReason
}

export const dismissOfficer = command({
  name: 'dismissOfficer',
  description:
    "Ends an appointment: the officer's next request is refused. The last ADMIN of an agency cannot dismiss themselves. For " +
    'the ADMIN of the agency; for the operator as long as the appointment was never in force.',
  allowedTo: operatorOrAdmin,
  input: DismissOfficerInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'The appointment as it stands now.' } },
  async act({ appointmentId: id, reason }: DismissOfficerInput, acting: Acting) {
    const { tx, context } = acting
    const standing = await lockAppointment(tx, id, isTheirs(acting))
    if (!standing) return refused([unknownAppointment])
    const under = await refuseUnlessAdminOf(acting, [standing.agencyId])
    if (standing.state === AppointmentState.ENDED) return refused([notAllowedNow(standing.state)])
    if (standing.partyId === context.caller.party && (await isLastAdmin(acting, standing))) return refused([lastAdmin])
    await endAppointment(acting, standing, reason, under)
    return made({ appointment: standing.id })
  },
})

const isTheirs = ({ context: { caller } }: Acting) =>
  caller.kind === 'OPERATOR'
    ? isNull(appointments.activeFrom)
    : inArray(appointments.agencyId, agenciesOf(caller, OfficerRole.ADMIN))

/** Asked while all officers of the agency are locked. Whoever dismisses another is an ADMIN who stays. */
async function isLastAdmin({ tx }: Acting, { id, agencyId }: { id: string; agencyId: string }): Promise<boolean> {
  return (await adminsOf(tx, agencyId)).every((admin) => admin.id === id)
}
