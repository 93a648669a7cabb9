import { eq } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { parseNodeId } from '../../engine/node.js'
import type { Acting } from '../../events/commandKeys.js'
import { ownPartyOf } from '../../shared/context.js'
import { isCodeOf } from './acceptanceCode.js'
import {
  adminsOf,
  appointmentIn,
  endAppointment,
  lockAppointment,
  markAppointment,
  recordAppointment,
} from './appointment.repository.js'
import { Appointment } from './appointment.resolver.js'
import { hasAdmin, notAllowedNow, unknownAppointment, wrongCode } from './appointment.rules.js'
import { AppointmentState, appointments, EndReason, type OfficerRole } from './appointment.table.js'
import { appointeeLately } from './offices.js'

@InputType({ description: 'Input of `acceptAppointment`.' })
export class AcceptAppointmentInput {
  @Field(() => ID, { description: 'ID of the caller’s own appointment.' })
  appointmentId!: string
  @Field(() => String, { description: 'Code in the letter to the agency. Spaces, dashes and case are ignored.' })
  code!: string
}

export const acceptAppointment = command({
  name: 'acceptAppointment',
  description:
    'Accepts a confirmed appointment, which becomes active at once. Ends the caller’s previous appointment ' +
    'at the agency and keeps its roles. Requires the appointed person, signed in as an officer with ' +
    'assurance HIGH within the last 10 minutes. Limited to 10 calls an hour for one appointment. Returns ' +
    'NOT_FOUND for another person’s appointment, INVALID for a wrong code. Returns NOT_ALLOWED_NOW if the ' +
    'appointment is not confirmed, or the agency has an ADMIN.',
  allowedTo: appointeeLately,
  // A code is too long to be guessed: more attempts are not typing errors.
  limitedTo: {
    points: 10,
    seconds: 3600,
    by: ({ input }: { input: AcceptAppointmentInput }) => parseNodeId(input.appointmentId)?.key,
  },
  input: AcceptAppointmentInput,
  key: 'optional',
  creates: false,
  made: { appointment: { type: Appointment, description: 'Appointment after the change.' } },
  async act({ appointmentId: id, code }: AcceptAppointmentInput, acting: Acting) {
    const { tx, context } = acting
    const isOwn = eq(appointments.partyId, ownPartyOf(context.caller))
    const confirmed = await lockAppointment(tx, id, isOwn)
    if (!confirmed) return refused([unknownAppointment])
    const { state, codeHash } = confirmed
    if (state !== AppointmentState.CONFIRMED || !codeHash) return refused([notAllowedNow(state)])
    if (!isCodeOf(codeHash, code)) return refused([wrongCode])
    const admins = await adminsOf(tx, confirmed.agencyId)
    if (admins.length > 0 && !confirmed.replacing) return refused([hasAdmin])
    const roles = await takeOver(acting, confirmed, admins)
    const active = { state: AppointmentState.ACTIVE, activeFrom: context.now(), codeHash: null, roles }
    await markAppointment(tx, confirmed, active)
    await recordAppointment(acting, confirmed, 'accepted', { roles: roles.join(' ') })
    return made({ appointment: confirmed.id })
  },
})

type Row = typeof appointments.$inferSelect

/** Ends the appointments that the new one replaces, and returns its roles. */
async function takeOver(acting: Acting, fresh: Row, admins: readonly Row[]): Promise<OfficerRole[]> {
  const own = await appointmentIn(acting.tx, [AppointmentState.ACTIVE], fresh)
  const by = { replacedBy: fresh.id }
  const lost = admins.filter(({ id }) => id !== own?.id)
  if (fresh.replacing) for (const admin of lost) await endAppointment(acting, admin, fresh.replacing, by)
  if (own) await endAppointment(acting, own, EndReason.OTHER_DUTIES, by)
  return [...new Set([...fresh.roles, ...(own?.roles ?? [])])]
}
