import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm'
import { failpoint } from '../engine/failpoint.js'
import type { Database } from '../platform/database.js'
import type { Transaction } from '../platform/seeding.js'
import { deadlines } from './deadline.table.js'
import { type Happened, record } from './record.js'

interface Deadline extends Omit<Happened, 'at' | 'actor'> {
  dueAt: Date
}

/** So many deadlines at most are taken out in one tick. */
export const mostInTick = 500

/**
 * The event of that type will happen to the subject at that moment, unless it is moved or cleared before. Once the subject
 * is locked, and before `record`: a tick that was quicker has its event before those of this transaction.
 */
export async function setDeadline(tx: Transaction, ...several: Deadline[]): Promise<void> {
  const rows = several.map(({ ids = {}, ...deadline }) => ({ partyId: null, agencyId: null, ...deadline, ids }))
  const target = [deadlines.type, deadlines.subject]
  if (rows.length > 0) await tx.insert(deadlines).values(rows).onConflictDoUpdate({ target, set: moved })
}
const moved = Object.fromEntries(
  (['dueAt', 'domain', 'partyId', 'agencyId', 'ids'] as const).map((name) => [
    name,
    sql`excluded.${sql.identifier(deadlines[name].name)}`,
  ]),
)

/** False where there is none, or none any more: its event has happened. As with `setDeadline`, before `record`. */
export async function clearDeadline(tx: Transaction, type: string, subject: string): Promise<boolean> {
  const ofSubject = and(eq(deadlines.type, type), eq(deadlines.subject, subject))
  const cleared = await tx.delete(deadlines).where(ofSubject).returning({ id: deadlines.id })
  return cleared.length > 0
}

/** Makes events of what is due, the oldest first, with effect at the moment that was set. Tells how many. */
export async function tick({ db }: Pick<Database, 'db'>, now: Date): Promise<number> {
  return await db.transaction(async (tx) => {
    const due = await tx
      .select()
      .from(deadlines)
      .where(lte(deadlines.dueAt, now))
      .orderBy(asc(deadlines.dueAt), asc(deadlines.id))
      .limit(mostInTick)
      .for('update', { skipLocked: true }) // one that is being moved or cleared right now has its next tick
    if (due.length === 0) return 0
    const taken = due.map(({ id }) => id)
    await tx.delete(deadlines).where(inArray(deadlines.id, taken))
    await record(tx, due.map(eventOf))
    await failpoint('tick.recorded')
    return due.length
  })
}

const eventOf = ({ id, dueAt, partyId, agencyId, ...what }: typeof deadlines.$inferSelect): Happened => ({
  ...what,
  ...(partyId && { partyId }),
  ...(agencyId && { agencyId }),
  at: dueAt,
  actor: 'deadline',
})
