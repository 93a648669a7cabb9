import { eq } from 'drizzle-orm'
import { NIL } from 'uuid'
import { keyIn } from '../../engine/node.js'
import type { Acting } from '../../events/commandKeys.js'
import { getSealMandate } from '../parties/seal.js'
import { programs } from './program.table.js'

/** Locks a program whose organisation's seal the caller holds. Refuses an unknown program like another's. */
export async function lockProgram(acting: Acting, id: string) {
  const isIt = eq(programs.id, keyIn(id, 'Program'))
  const [named] = await acting.tx.select({ party: programs.partyId }).from(programs).where(isIt)
  const { mandate } = await getSealMandate(acting, named?.party ?? NIL)
  const [program] = await acting.tx.select().from(programs).where(isIt).for('update')
  if (!program) throw new Error('a program that was there a moment ago is gone; none ever goes')
  return { program, mandate }
}
