import { eq } from 'drizzle-orm'
import { NIL } from 'uuid'
import { keyIn } from '../../engine/node.js'
import type { Acting } from '../../events/commandKeys.js'
import { refuseUnlessAdminOf } from '../officers/offices.js'
import { getSealMandate, requireHighAssurance } from '../parties/seal.js'
import { programs } from './program.table.js'

export interface ProgramOwner {
  partyId: string | null
  agencyId: string | null
}

/**
 * Throws FORBIDDEN unless the caller is the seal holder of the organisation or an ADMIN of the agency, also for an unknown one.
 * Throws STEP_UP_REQUIRED below assurance HIGH. Returns the mandate or the appointment, for the event.
 */
export async function requireOwner(
  acting: Acting,
  { partyId, agencyId }: ProgramOwner,
): Promise<{ mandate?: string; under?: string }> {
  if (acting.context.caller.kind !== 'OFFICER') return await getSealMandate(acting, partyId ?? NIL)
  const under = await refuseUnlessAdminOf(acting, [agencyId ?? NIL])
  requireHighAssurance(acting)
  return under
}

/** Locks a program that the caller manages. Refuses an unknown program like another's. */
export async function lockProgram(acting: Acting, id: string) {
  const isIt = eq(programs.id, keyIn(id, 'Program'))
  const { partyId, agencyId } = programs
  const [owner = { partyId: null, agencyId: null }] = await acting.tx
    .select({ partyId, agencyId })
    .from(programs)
    .where(isIt)
  const ids = await requireOwner(acting, owner)
  const [program] = await acting.tx.select().from(programs).where(isIt).for('update')
  if (!program) throw new Error('a program that was there a moment ago is gone; none ever goes')
  return { program, ids }
}

/** The owner as the subject of an event. */
export const ownerIn = ({ partyId, agencyId }: ProgramOwner) => ({
  ...(partyId && { partyId }),
  ...(agencyId && { agencyId }),
})
