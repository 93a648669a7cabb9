import { isNull } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { refusal } from '../../engine/errors.js'
import { parseNodeId } from '../../engine/node.js'
import type { Acting } from '../../events/commandKeys.js'
import { newCode } from '../../shared/code.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import { hashOfCode } from './acceptanceCode.js'
import { isOfFin, lockAppointment, markAppointment, recordAppointment } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { notAllowedNow, unknownAppointment } from './appointment.rules.js'
import { AppointmentState, appointments, EndReason } from './appointment.table.js'
import { operatorLately } from './offices.js'

@InputType({ description: 'Input of `confirmAdmin`.' })
export class ConfirmAdminInput {
  @Field(() => ID, { description: 'ID of an appointment proposed by another operator.' })
  appointmentId!: string
  @Field(() => Fin, {
    description:
      'FİN of the proposed ADMIN, copied from the agency’s letter. Returns NOT_FOUND if it differs from the ' +
      'proposal.',
  })
  fin!: string
  @Field(() => EndReason, {
    nullable: true,
    description: 'Reason for replacing the current ADMIN, as proposed. Null if the agency has no ADMIN.',
  })
  replacing?: EndReason | null
}

export const confirmAdmin = command({
  name: 'confirmAdmin',
  description:
    'Confirms a proposal of another operator by naming the same person. Requires the operator, signed in ' +
    'with assurance HIGH within the last 10 minutes. Limited to 10 calls an hour for one appointment. ' +
    'Returns NOT_FOUND if the appointment, the FİN or `replacing` does not match. Returns NOT_ALLOWED_NOW if ' +
    'it is no longer proposed. Returns FORBIDDEN for the operator who proposed it.',
  allowedTo: operatorLately,
  // Prevents guessing who was proposed.
  limitedTo: {
    points: 10,
    seconds: 3600,
    by: ({ input }: { input: ConfirmAdminInput }) => parseNodeId(input.appointmentId)?.key,
  },
  input: ConfirmAdminInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'Appointment after the change.' } },
  once: {
    code: {
      type: () => String,
      description:
        'Code for the letter to the agency. Returned only once. If it is lost, dismiss the appointment and ' +
        'propose again.',
    },
  },
  async act({ appointmentId: id, fin, replacing = null }: ConfirmAdminInput, acting: Acting) {
    const { tx, context } = acting
    const proposed = await lockAppointment(tx, id, isNull(appointments.activeFrom))
    if (!proposed) return refused([unknownAppointment])
    if (proposed.state !== AppointmentState.PROPOSED) return refused([notAllowedNow(proposed.state)])
    if (proposed.proposedBy === context.caller.id)
      throw refusal('FORBIDDEN', 'You proposed this appointment. Another operator must confirm it.', {
        reason: 'appointment.same_operator',
      })
    const isMeant = proposed.replacing === replacing && (await isOfFin(acting, proposed.partyId, fin))
    if (!isMeant) return refused([unknownAppointment])
    // Created now, so that the operator who proposed never has it.
    const code = newCode()
    const confirmed = { state: AppointmentState.CONFIRMED, confirmedBy: context.caller.id, codeHash: hashOfCode(code) }
    await markAppointment(tx, proposed, confirmed)
    await recordAppointment(acting, proposed, 'confirmed')
    return made({ appointment: proposed.id }, { code })
  },
})
