import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import {
  findAgency,
  insertAppointment,
  lockOfficersOf,
  partyToAppoint,
  recordAppointment,
} from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { noRoles, unknownAgency } from './appointment.rules.js'
import { AppointmentState, OfficerRole } from './appointment.table.js'
import { admin, refuseUnlessAdminOf } from './offices.js'

@InputType({ description: 'Who is to be an officer of which agency, and what for.' })
export class AppointOfficerInput {
  @Field(() => String, { description: 'The code of an agency that the caller is ADMIN of.' })
  agency!: string
  @Field(() => Fin, { description: 'Who is appointed. It answers alike whether anybody has this FİN or not.' })
  fin!: string
  @Field(() => [OfficerRole], { description: 'What for; at least one role.' })
  roles!: OfficerRole[]
}

export const appointOfficer = command({
  name: 'appointOfficer',
  description: 'Appoints an officer of the agency, at once: its ADMIN acts for it. For the ADMIN of the agency.',
  allowedTo: admin,
  input: AppointOfficerInput,
  key: 'required',
  creates: true,
  made: { appointment: { type: Appointment, description: 'The appointment.' } },
  async act({ agency, fin, roles }: AppointOfficerInput, acting: Acting) {
    const agencyId = await findAgency(acting.tx, agency)
    if (!agencyId) return refused([unknownAgency(agency)])
    await lockOfficersOf(acting.tx, agencyId)
    const under = await refuseUnlessAdminOf(acting, [agencyId])
    const found = await partyToAppoint(acting, { agencyId, fin, unless: [AppointmentState.ACTIVE] })
    const userErrors = [...(roles.length === 0 ? [noRoles] : []), ...('userError' in found ? [found.userError] : [])]
    if (userErrors.length > 0 || 'userError' in found) return refused(userErrors)
    const given = { ...found, agencyId, roles: [...new Set(roles)], activeFrom: acting.context.now() }
    const appointment = await insertAppointment(acting, given, AppointmentState.ACTIVE)
    await recordAppointment(acting, appointment, 'made', { roles: given.roles.join(' '), ...under })
    return made({ appointment: appointment.id })
  },
})
