import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { operator } from '../../shared/context.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import { adminsOf, insertAppointment, lockOfficersIn, partyToAppoint } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { hasAdmin, unknownAgency } from './appointment.rules.js'
import { AppointmentState, EndReason, OfficerRole } from './appointment.table.js'

@InputType({ description: 'Input of `proposeAdmin`.' })
export class ProposeAdminInput {
  @Field(() => String, { description: 'Code of the agency, such as DVX.' })
  agencyCode!: string
  @Field(() => Fin, {
    description: 'FİN of the proposed ADMIN. The response is the same whether anybody has this FİN or not.',
  })
  fin!: string
  @Field(() => EndReason, {
    nullable: true,
    description:
      'Reason for replacing the current ADMIN, from the agency’s letter. Ends the appointments of its ADMINs ' +
      'when the new one accepts. Null if the agency has no ADMIN.',
  })
  replacing?: EndReason | null
}

export const proposeAdmin = command({
  name: 'proposeAdmin',
  description:
    'Proposes the ADMIN of an agency that has none, or whose ADMIN cannot act. A second operator confirms ' +
    'it, and the person accepts with a code sent to the agency. Requires the operator, with assurance HIGH. ' +
    'Returns NOT_FOUND for an unknown agency. Returns NOT_ALLOWED_NOW if the agency has an ADMIN or the ' +
    'person is an operator. Returns CONFLICT if the person has an open proposal there.',
  allowedTo: operator,
  input: ProposeAdminInput,
  key: 'required',
  creates: true,
  made: { appointment: { type: Appointment, description: 'Proposed appointment.' } },
  async act({ agencyCode, fin, replacing }: ProposeAdminInput, acting: Acting) {
    const agencyId = await lockOfficersIn(acting.tx, agencyCode)
    if (!agencyId) return refused([unknownAgency(agencyCode)])
    const isHeld = !replacing && (await adminsOf(acting.tx, agencyId)).length > 0
    const unless = [AppointmentState.PROPOSED, AppointmentState.CONFIRMED]
    const found = await partyToAppoint(acting, { agencyId, fin, unless }, isHeld ? [hasAdmin] : [])
    if ('userErrors' in found) return found
    const state = AppointmentState.PROPOSED
    const proposed = { ...found, agencyId, state, roles: [OfficerRole.ADMIN], replacing: replacing ?? null }
    const appointment = await insertAppointment(acting, proposed, 'proposed', replacing ? { replacing } : {})
    return made({ appointment })
  },
})
