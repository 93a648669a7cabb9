import { isNull } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { refusal } from '../../engine/errors.js'
import { parseNodeId } from '../../engine/node.js'
import type { FieldRate } from '../../engine/rates.js'
import type { Acting } from '../../events/commandKeys.js'
import { newCode } from '../../shared/code.js'
import { Fin } from '../../shared/identifiers/scalars.js'
import { hashOfCode } from './acceptanceCode.js'
import { isOfFin, lockAppointment, markAppointment, recordAppointment } from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { notAllowedNow, unknownAppointment } from './appointment.rules.js'
import { AppointmentState, appointments, EndReason } from './appointment.table.js'
import { operatorLately } from './offices.js'

@InputType({ description: 'Which proposal is confirmed, and for whom.' })
export class ConfirmAdminInput {
  @Field(() => ID, { description: 'The id of an appointment that another operator proposed.' })
  appointmentId!: string
  @Field(() => Fin, {
    description:
      "Who is to be ADMIN, typed off the agency's own letter. Where the proposal is of somebody else, there is no such one.",
  })
  fin!: string
  @Field(() => EndReason, {
    nullable: true,
    description: 'As it was proposed: why the ADMIN that the agency has can act no more; null where it has none.',
  })
  replacing?: EndReason | null
}

/** So that nobody finds out by trying who was proposed. */
export const guesses: FieldRate = {
  points: 10,
  seconds: 3600,
  by: ({ input }: { input: ConfirmAdminInput }) => parseNodeId(input.appointmentId)?.key,
}

export const confirmAdmin = command({
  name: 'confirmAdmin',
  description:
    'Confirms what another operator proposed, by naming the same person. FORBIDDEN for the one who did. For the operator, ' +
    'signed in within the last 10 minutes. 10 times an hour for one appointment.',
  allowedTo: operatorLately,
  input: ConfirmAdminInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'The appointment as it stands now.' } },
  once: {
    code: {
      type: () => String,
      description:
        'For the letter to the agency, and for nobody else. Told this one time; where it is lost, dismiss and propose anew.',
    },
  },
  async act({ appointmentId: id, fin, replacing = null }: ConfirmAdminInput, acting: Acting) {
    const { tx, context } = acting
    const proposed = await lockAppointment(tx, id, isNull(appointments.activeFrom))
    if (!proposed) return refused([unknownAppointment])
    if (proposed.state !== AppointmentState.PROPOSED) return refused([notAllowedNow(proposed.state)])
    if (proposed.proposedBy === context.caller.id)
      throw refusal('FORBIDDEN', 'Another operator than the one who proposed it must confirm it; you proposed it.', {
        reason: 'appointment.same_operator',
      })
    const isMeant = proposed.replacing === replacing && (await isOfFin(acting, proposed.partyId, fin))
    if (!isMeant) return refused([unknownAppointment])
    // Made now: of whoever proposed, nobody who accepts could have it.
    const code = newCode()
    const confirmed = { state: AppointmentState.CONFIRMED, confirmedBy: context.caller.id, codeHash: hashOfCode(code) }
    await markAppointment(tx, proposed, confirmed)
    await recordAppointment(acting, proposed, 'confirmed')
    return made({ appointment: proposed.id }, { code })
  },
})
