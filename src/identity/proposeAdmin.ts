import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../engine/command.js'
import type { Acting } from '../events/commandKeys.js'
import { Fin } from '../shared/identifiers/scalars.js'
import {
  findAgency,
  insertAppointment,
  lockOfficersOf,
  partyToAppoint,
  recordAppointment,
} from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { unknownAgency } from './appointment.rules.js'
import { AppointmentState, OfficerRole } from './appointment.table.js'

@InputType({ description: 'Who is to be ADMIN of which agency.' })
export class ProposeAdminInput {
  @Field(() => String, { description: 'The code of the agency, such as DVX.' })
  agency!: string
  @Field(() => Fin, { description: 'Who is proposed. It answers alike whether anybody has this FİN or not.' })
  fin!: string
}

export const proposeAdmin = command({
  name: 'proposeAdmin',
  description:
    'Proposes who is to be ADMIN of an agency that has none, or has lost its own. A second operator confirms it, and ' +
    'the agency accepts with the code that it then gets by letter. For the operator.',
  input: ProposeAdminInput,
  key: 'required',
  creates: true,
  made: { appointment: { type: Appointment, description: 'The appointment that is proposed.' } },
  async act({ agency, fin }: ProposeAdminInput, acting: Acting) {
    const agencyId = await findAgency(acting.tx, agency)
    if (!agencyId) return refused([unknownAgency(agency)])
    await lockOfficersOf(acting.tx, agencyId)
    const found = await partyToAppoint(acting, { agencyId, fin })
    if ('mistake' in found) return refused([found.mistake])
    const proposed = { ...found, agencyId, roles: [OfficerRole.ADMIN] }
    const appointment = await insertAppointment(acting, proposed, AppointmentState.PROPOSED)
    await recordAppointment(acting, appointment, 'proposed')
    return made({ appointment: appointment.id })
  },
})
