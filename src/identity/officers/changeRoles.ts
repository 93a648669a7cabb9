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

@InputType({ description: 'What an officer is to do from now on.' })
export class ChangeRolesInput {
  @Field(() => ID, { description: 'The id of an appointment at an agency that the caller is ADMIN of; not their own.' })
  appointmentId!: string
  @Field(() => [OfficerRole], { description: 'All roles from now on; at least one.' })
  roles!: OfficerRole[]
}

export const changeRoles = command({
  name: 'changeRoles',
  description:
    "Changes what an officer does, from the officer's next request on. Nobody changes their own roles: FORBIDDEN. For the " +
    'ADMIN of the agency.',
  allowedTo: admin,
  input: ChangeRolesInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'The appointment as it stands now.' } },
  async act({ appointmentId: id, roles }: ChangeRolesInput, acting: Acting) {
    const { tx, context } = acting
    const isTheirs = inArray(appointments.agencyId, agenciesOf(context.caller, OfficerRole.ADMIN))
    const standing = await lockAppointment(tx, id, isTheirs)
    if (!standing) return refused([unknownAppointment])
    const under = await refuseUnlessAdminOf(acting, [standing.agencyId])
    if (standing.partyId === context.caller.party)
      throw refusal('FORBIDDEN', 'Another ADMIN must change these roles; they are your own.', {
        reason: 'appointment.own_roles',
      })
    const isActive = standing.state === AppointmentState.ACTIVE
    const userErrors = [...(isActive ? [] : [notAllowedNow(standing.state)]), ...(roles.length === 0 ? [noRoles] : [])]
    if (userErrors.length > 0) return refused(userErrors)
    const now = [...new Set(roles)]
    await markAppointment(tx, standing, { roles: now })
    const told = { before: standing.roles.join(' '), roles: now.join(' '), ...under }
    await recordAppointment(acting, standing, 'roles_changed', told)
    return made({ appointment: standing.id })
  },
})
