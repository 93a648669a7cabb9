import { inArray } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { refusal } from '../../engine/errors.js'
import type { Acting } from '../../events/commandKeys.js'
import { lockAppointment, markAppointment, recordAppointment } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { noRoles, notAllowedNow, unknownAppointment } from './appointment.rules.js'
import { AppointmentState, appointments, OfficerRole } from './appointment.table.js'
import { admin, agenciesOf, refuseUnlessAdminOf } from './offices.js'

@InputType({ description: 'Input of `changeRoles`.' })
export class ChangeRolesInput {
  @Field(() => ID, {
    description: 'ID of the appointment. The caller must be ADMIN of its agency, and it must not be their own.',
  })
  appointmentId!: string
  @Field(() => [OfficerRole], { description: 'New roles, which replace the current ones. Requires at least one.' })
  roles!: OfficerRole[]
}

export const changeRoles = command({
  name: 'changeRoles',
  description:
    'Replaces the roles of an officer. Takes effect at the officer’s next request. Requires the ADMIN of the ' +
    'agency, with assurance HIGH. Returns NOT_FOUND if no such appointment is visible, MISSING without a ' +
    'role. Returns NOT_ALLOWED_NOW if the appointment is not active. Returns FORBIDDEN for the caller’s ' +
    'own roles.',
  allowedTo: admin,
  input: ChangeRolesInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'Appointment after the change.' } },
  async act({ appointmentId: id, roles }: ChangeRolesInput, acting: Acting) {
    const { tx, context } = acting
    const isTheirs = inArray(appointments.agencyId, agenciesOf(context.caller, OfficerRole.ADMIN))
    const appointment = await lockAppointment(tx, id, isTheirs)
    if (!appointment) return refused([unknownAppointment])
    const under = await refuseUnlessAdminOf(acting, [appointment.agencyId])
    if (appointment.partyId === context.caller.party)
      throw refusal('FORBIDDEN', 'You cannot change your own roles. Another ADMIN must do it.', {
        reason: 'appointment.own_roles',
      })
    const isActive = appointment.state === AppointmentState.ACTIVE
    const userErrors = [
      ...(isActive ? [] : [notAllowedNow(appointment.state)]),
      ...(roles.length === 0 ? [noRoles] : []),
    ]
    if (userErrors.length > 0) return refused(userErrors)
    const now = [...new Set(roles)]
    await markAppointment(tx, appointment, { roles: now })
    const details = { before: appointment.roles.join(' '), roles: now.join(' '), ...under }
    await recordAppointment(acting, appointment, 'roles_changed', details)
    return made({ appointment: appointment.id })
  },
})
