import { inArray, isNull } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { adminsOf, endAppointment, lockAppointment } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { lastAdmin, notAllowedNow, unknownAppointment } from './appointment.rules.js'
import { AppointmentState, appointments, EndReason, OfficerRole } from './appointment.table.js'
import { agenciesOf, operatorOrAdmin, refuseUnlessAdminOf } from './offices.js'

@InputType({ description: 'Input of `dismissOfficer`.' })
export class DismissOfficerInput {
  @Field(() => ID, {
    description: 'ID of the appointment. An ADMIN names one of their agency, an operator one that was never active.',
  })
  appointmentId!: string
  @Field(() => EndReason, { description: 'Reason for the dismissal.' })
  reason!: EndReason
}

export const dismissOfficer = command({
  name: 'dismissOfficer',
  description:
    'Ends an appointment. The officer’s next request is refused. Requires the ADMIN of the agency, with ' +
    'assurance HIGH. The operator may end an appointment that was never active. Returns NOT_FOUND if no such ' +
    'appointment is visible. Returns NOT_ALLOWED_NOW if it has ended, or the caller is the agency’s last ' +
    'ADMIN.',
  allowedTo: operatorOrAdmin,
  input: DismissOfficerInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'Appointment after the change.' } },
  async act({ appointmentId: id, reason }: DismissOfficerInput, acting: Acting) {
    const { tx, context } = acting
    const appointment = await lockAppointment(tx, id, isTheirs(acting))
    if (!appointment) return refused([unknownAppointment])
    const under = await refuseUnlessAdminOf(acting, [appointment.agencyId])
    if (appointment.state === AppointmentState.ENDED) return refused([notAllowedNow(appointment.state)])
    if (appointment.partyId === context.caller.party && (await isLastAdmin(acting, appointment)))
      return refused([lastAdmin])
    await endAppointment(acting, appointment, reason, under)
    return made({ appointment: appointment.id })
  },
})

const isTheirs = ({ context: { caller } }: Acting) =>
  caller.kind === 'OPERATOR'
    ? isNull(appointments.activeFrom)
    : inArray(appointments.agencyId, agenciesOf(caller, OfficerRole.ADMIN))

/** Requires the lock on the officers of the agency. Only dismissing oneself can remove the last ADMIN. */
async function isLastAdmin({ tx }: Acting, { id, agencyId }: { id: string; agencyId: string }): Promise<boolean> {
  return (await adminsOf(tx, agencyId)).every((admin) => admin.id === id)
}
