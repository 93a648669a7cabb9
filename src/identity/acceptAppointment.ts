import { eq } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../engine/command.js'
import { parseNodeId } from '../engine/nodeId.js'
import type { FieldRate } from '../engine/rates.js'
import type { Acting } from '../events/commandKeys.js'
import { isCodeOf } from './acceptanceCode.js'
import { lockAppointment, markAppointment, recordAppointment } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { notAllowedNow, unknownAppointment, wrongCode } from './appointment.rules.js'
import { AppointmentState, appointments } from './appointment.table.js'

@InputType({ description: 'Which appointment is accepted.' })
export class AcceptAppointmentInput {
  @Field(() => ID, { description: 'The id of an appointment of oneself.' })
  appointment!: string
  @Field(() => String, { description: 'The code in the letter to the agency. Spaces, dashes and case do not matter.' })
  code!: string
}

/** Each has a line in docs/limits.md. A code is too long to be guessed; what is tried so often is not a slip. */
export const tries: FieldRate = {
  ...{ points: 10, seconds: 3600 },
  by: ({ input }: { input: AcceptAppointmentInput }) => parseNodeId(input.appointment)?.key,
}

export const acceptAppointment = command({
  name: 'acceptAppointment',
  description:
    'Accepts an appointment for the agency, which is in force from then on. For the person who is appointed, signed in as ' +
    'an officer within the last 10 minutes. 10 times an hour for one appointment.',
  input: AcceptAppointmentInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'The appointment as it stands now.' } },
  async act({ appointment: id, code }: AcceptAppointmentInput, acting: Acting) {
    const { tx, context } = acting
    const isOwn = eq(appointments.partyId, context.caller.party as string) // officers have one
    const confirmed = await lockAppointment(tx, id, isOwn)
    if (!confirmed) return refused([unknownAppointment])
    const { state, codeHash } = confirmed
    if (state !== AppointmentState.CONFIRMED || !codeHash) return refused([notAllowedNow(state)])
    if (!isCodeOf(codeHash, code)) return refused([wrongCode])
    const active = { state: AppointmentState.ACTIVE, activeFrom: context.now(), codeHash: null }
    await markAppointment(tx, confirmed, active)
    await recordAppointment(acting, confirmed, 'accepted')
    return made({ appointment: confirmed.id })
  },
})
