import { and, eq, gt, inArray, isNull } from 'drizzle-orm'
import { NIL } from 'uuid'
import type { Acting } from '../../events/commandKeys.js'
import type { Transaction } from '../../platform/seeding.js'
import type { Caller } from '../../shared/context.js'
import { programs } from '../programs/program.table.js'
import { AppointmentState, appointments, type OfficerRole } from './appointment.table.js'

/** An office of the caller. The ID is that of the appointment or program, once it is locked. */
export interface Held {
  id?: string
  agencyId: string
  roles: readonly string[]
}
/** The agency of a program, unless it was revoked or has expired since it sent its token. */
export async function holdProgram(tx: Transaction, { offices, program }: Caller, now: Date): Promise<Held[]> {
  const { id, revokedAt, expiresAt } = programs
  const isInForce = and(eq(id, program?.id ?? NIL), isNull(revokedAt), gt(expiresAt, now))
  const held = await tx.select({ id }).from(programs).where(isInForce).for('share')
  return held.flatMap((one) => offices.map(({ agencyId, roles }) => ({ ...one, agencyId, roles })))
}

/** Locks the active appointments of a person at these agencies until the transaction ends. */
export async function holdOffices(tx: Transaction, agencyIds: readonly string[], partyId: string = NIL) {
  const { id, agencyId, roles } = appointments
  const areTheirs = and(
    inArray(agencyId, [...agencyIds]),
    eq(appointments.partyId, partyId),
    eq(appointments.state, AppointmentState.ACTIVE),
  )
  return await tx.select({ id, agencyId, roles }).from(appointments).where(areTheirs).for('share')
}

/** The ID of the program, or of the appointment with one of these roles, under which the caller acts for an agency, locked. Undefined if there is none. */
export async function holdUnder(
  { tx, context: { caller, now } }: Acting,
  agencyId: string,
  roles: readonly OfficerRole[],
): Promise<string | undefined> {
  if (caller.kind === 'AGENCY_PROGRAM')
    return (await holdProgram(tx, caller, now())).find((held) => held.agencyId === agencyId)?.id
  const [office] = await holdOffices(tx, [agencyId], caller.party)
  return office && roles.some((role) => office.roles.includes(role)) ? office.id : undefined
}
