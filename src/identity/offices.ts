import { and, arrayContains, eq, inArray } from 'drizzle-orm'
import { refusal } from '../engine/errors.js'
import type { Acting } from '../events/commandKeys.js'
import { Assurance } from '../shared/assurance.table.js'
import { type Caller, only } from '../shared/context.js'
import { AppointmentState, appointments, OfficerRole } from './appointment.table.js'

const isAdmin = ({ offices }: Caller) => offices.some(({ roles }) => roles.includes(OfficerRole.ADMIN))

/** Open to the operator, and to whoever is ADMIN of some agency; `refuseUnlessAdminOf` asks of which. */
export const operatorOrAdmin = only(
  'operatorOrAdmin',
  'the operator and the ADMIN of the agency',
  ['OPERATOR', 'OFFICER'],
  { assurance: Assurance.HIGH },
  (caller) => caller.kind === 'OPERATOR' || isAdmin(caller),
)

/**
 * Lets the operator act for any agency, and an officer for those that they are ADMIN of, which they then are until the
 * transaction ends. Asked after what the agencies hold is locked, so that it is theirs still.
 */
export async function refuseUnlessAdminOf(
  { tx, context: { caller } }: Acting,
  agencyIds: readonly (string | undefined)[],
): Promise<void> {
  if (caller.kind === 'OPERATOR') return
  const wanted = [...new Set(agencyIds)].filter((id) => id !== undefined)
  const held = await tx
    .select({ agency: appointments.agencyId })
    .from(appointments)
    .where(
      and(
        eq(appointments.partyId, caller.party as string), // officers have one
        inArray(appointments.agencyId, wanted),
        eq(appointments.state, AppointmentState.ACTIVE),
        arrayContains(appointments.roles, [OfficerRole.ADMIN]),
      ),
    )
    .for('share')
  if (held.length < wanted.length)
    throw refusal('FORBIDDEN', 'This is for the operator and the ADMIN of the agency alone; you are of another.', {
      reason: 'agency.not_yours',
    })
}
