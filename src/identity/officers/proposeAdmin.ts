import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { operator } from '../../shared/context.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import {
  adminsOf,
  findAgency,
  insertAppointment,
  lockOfficersOf,
  partyToAppoint,
  recordAppointment,
} from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { hasAdmin, unknownAgency } from './appointment.rules.js'
import { AppointmentState, EndReason, OfficerRole } from './appointment.table.js'

@InputType({ description: 'Who is to be ADMIN of which agency.' })
export class ProposeAdminInput {
  @Field(() => String, { description: 'The code of the agency, such as DVX.' })
  agency!: string
  @Field(() => Fin, { description: 'Who is proposed. It answers alike whether anybody has this FİN or not.' })
  fin!: string
  @Field(() => EndReason, {
    nullable: true,
    description:
      'Why the ADMIN that the agency has can act no more, by its own letter: their appointments end with this reason when this ' +
      'one is accepted. Null where it has none.',
  })
  replacing?: EndReason | null
}

export const proposeAdmin = command({
  name: 'proposeAdmin',
  description:
    'Proposes who is to be ADMIN of an agency that has none, or whose own can act no more. A second operator confirms it, and ' +
    'the agency accepts with the code that it then gets by letter. For the operator.',
  allowedTo: operator,
  input: ProposeAdminInput,
  key: 'required',
  creates: true,
  made: { appointment: { type: Appointment, description: 'The appointment that is proposed.' } },
  async act({ agency, fin, replacing }: ProposeAdminInput, acting: Acting) {
    const agencyId = await findAgency(acting.tx, agency)
    if (!agencyId) return refused([unknownAgency(agency)])
    await lockOfficersOf(acting.tx, agencyId)
    const isHeld = !replacing && (await adminsOf(acting.tx, agencyId)).length > 0
    const unless = [AppointmentState.PROPOSED, AppointmentState.CONFIRMED]
    const found = await partyToAppoint(acting, { agencyId, fin, unless })
    const userErrors = [...(isHeld ? [hasAdmin] : []), ...('userError' in found ? [found.userError] : [])]
    if (userErrors.length > 0 || 'userError' in found) return refused(userErrors)
    const proposed = { ...found, agencyId, roles: [OfficerRole.ADMIN], replacing: replacing ?? null }
    const appointment = await insertAppointment(acting, proposed, AppointmentState.PROPOSED)
    await recordAppointment(acting, appointment, 'proposed', replacing ? { replacing } : {})
    return made({ appointment: appointment.id })
  },
})
