import { isNull } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../engine/command.js'
import { refusal } from '../engine/errors.js'
import type { Acting } from '../events/commandKeys.js'
import { lockAppointment, markAppointment, recordAppointment } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { notAllowedNow, unknownAppointment } from './appointment.rules.js'
import { AppointmentState, appointments } from './appointment.table.js'

@InputType({ description: 'Which proposal is confirmed.' })
export class ConfirmAdminInput {
  @Field(() => ID, { description: 'The id of an appointment that another operator proposed.' })
  appointment!: string
}

export const confirmAdmin = command({
  name: 'confirmAdmin',
  description:
    'Confirms what another operator proposed. FORBIDDEN for the one who did. For the operator, signed in within the last ' +
    '10 minutes.',
  input: ConfirmAdminInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'The appointment as it stands now.' } },
  async act({ appointment: id }: ConfirmAdminInput, acting: Acting) {
    const { tx, context } = acting
    const proposed = await lockAppointment(tx, id, isNull(appointments.activeFrom))
    if (!proposed) return refused([unknownAppointment])
    if (proposed.state !== AppointmentState.PROPOSED) return refused([notAllowedNow(proposed.state)])
    if (proposed.proposedBy === context.caller.id)
      throw refusal('FORBIDDEN', 'Another operator than the one who proposed it must confirm it; you proposed it.', {
        reason: 'appointment.same_operator',
      })
    await markAppointment(tx, proposed, { state: AppointmentState.CONFIRMED, confirmedBy: context.caller.id })
    await recordAppointment(acting, proposed, 'confirmed')
    return made({ appointment: proposed.id })
  },
})
