import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import { insertAppointment, lockOfficersIn, partyToAppoint } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { noRoles, unknownAgency } from './appointment.rules.js'
import { AppointmentState, OfficerRole } from './appointment.table.js'
import { admin, refuseUnlessAdminOf } from './offices.js'

@InputType({ description: 'Input of `appointOfficer`.' })
export class AppointOfficerInput {
  @Field(() => String, { description: 'Code of the agency. The caller must be its ADMIN.' })
  agencyCode!: string
  @Field(() => Fin, { description: 'FİN of the person. The response is the same whether anybody has this FİN or not.' })
  fin!: string
  @Field(() => [OfficerRole], { description: 'Roles at the agency. Requires at least one.' })
  roles!: OfficerRole[]
}

export const appointOfficer = command({
  name: 'appointOfficer',
  description:
    'Appoints an officer with immediate effect. Requires the ADMIN of the agency, with assurance HIGH. ' +
    'Returns NOT_FOUND for an unknown agency, MISSING without a role. Returns NOT_ALLOWED_NOW if the person ' +
    'is an operator. Returns CONFLICT if the person has an active appointment there.',
  allowedTo: admin,
  input: AppointOfficerInput,
  key: 'required',
  creates: true,
  made: { appointment: { type: Appointment, description: 'Created appointment.' } },
  async act({ agencyCode, fin, roles }: AppointOfficerInput, acting: Acting) {
    const agencyId = await lockOfficersIn(acting.tx, agencyCode)
    if (!agencyId) return refused([unknownAgency(agencyCode)])
    const under = await refuseUnlessAdminOf(acting, [agencyId])
    const state = AppointmentState.ACTIVE
    const found = await partyToAppoint(acting, { agencyId, fin, unless: [state] }, roles.length === 0 ? [noRoles] : [])
    if ('userErrors' in found) return found
    const given = { ...found, agencyId, state, roles: [...new Set(roles)], activeFrom: acting.context.now() }
    const ids = { roles: given.roles.join(' '), ...under }
    return made({ appointment: await insertAppointment(acting, given, 'made', ids) })
  },
})
