import { eq } from 'drizzle-orm'
import { NIL } from 'uuid'
import { parseNodeId } from '../../engine/node.js'
import type { Acting } from '../../events/commandKeys.js'
import { holdsSealOf } from '../parties/seal.js'
import { clients } from './client.table.js'

/** A program of an organisation whose seal the caller holds, locked. One that is not there is refused as another's is. */
export async function lockClient(acting: Acting, id: string) {
  const parsed = parseNodeId(id)
  const isIt = eq(clients.id, parsed?.type === 'Client' ? parsed.key : NIL)
  const [named] = await acting.tx.select({ party: clients.partyId }).from(clients).where(isIt)
  const { mandate } = await holdsSealOf(acting, named?.party ?? NIL)
  const [client] = await acting.tx.select().from(clients).where(isIt).for('update')
  if (!client) throw new Error('a program that was there a moment ago is gone; none ever goes')
  return { client, mandate }
}
