import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm'
import { failpoint } from '../engine/failpoint.js'
import type { Database } from '../platform/database.js'
import type { Transaction } from '../platform/seeding.js'
import { deadlines } from './deadline.table.js'
import { type Happened, record } from './record.js'

interface Deadline extends Omit<Happened, 'at' | 'actor'> {
  dueAt: Date
}

/** Maximum number of deadlines in one tick. */
export const tickLimit = 500

/**
 * Schedules an event of that type for the subject, unless it is moved or cleared before. Call it after locking the
 * subject and before `record`: the event of a faster tick then comes first.
 */
export async function setDeadline(tx: Transaction, ...several: Deadline[]): Promise<void> {
  const rows = several.map(({ ids = {}, ...deadline }) => ({
    partyId: null,
    agencyId: null,
    serviceCode: null,
    ...deadline,
    ids,
  }))
  const target = [deadlines.type, deadlines.subject]
  if (rows.length > 0) await tx.insert(deadlines).values(rows).onConflictDoUpdate({ target, set: moved })
}
const moved = Object.fromEntries(
  (['dueAt', 'domain', 'partyId', 'agencyId', 'serviceCode', 'ids'] as const).map((name) => [
    name,
    sql`excluded.${sql.identifier(deadlines[name].name)}`,
  ]),
)

/**
 * Returns false if there is none, because its event has already happened. Call it before `record`, like `setDeadline`.
 */
export async function clearDeadline(tx: Transaction, type: string, subject: string): Promise<boolean> {
  const ofSubject = and(eq(deadlines.type, type), eq(deadlines.subject, subject))
  const cleared = await tx.delete(deadlines).where(ofSubject).returning({ id: deadlines.id })
  return cleared.length > 0
}

/** Clears several types of a subject. */
export async function clearDeadlines(tx: Transaction, types: readonly string[], subject: string): Promise<void> {
  await tx.delete(deadlines).where(and(inArray(deadlines.type, [...types]), eq(deadlines.subject, subject)))
}

/** The events of its deadlines are of that agency from now on. */
export async function moveDeadlines(tx: Transaction, subject: string, agencyId: string): Promise<void> {
  await tx.update(deadlines).set({ agencyId }).where(eq(deadlines.subject, subject))
}

/** Records the events of due deadlines, the oldest first, with effect at the scheduled moment. Returns how many. */
export async function tick({ db }: Pick<Database, 'db'>, now: Date): Promise<number> {
  return await db.transaction(async (tx) => {
    const due = await tx
      .select()
      .from(deadlines)
      .where(lte(deadlines.dueAt, now))
      .orderBy(asc(deadlines.dueAt), asc(deadlines.id))
      .limit(tickLimit)
      .for('update', { skipLocked: true }) // one that is being moved or cleared waits for the next tick
    if (due.length === 0) return 0
    const taken = due.map(({ id }) => id)
    await tx.delete(deadlines).where(inArray(deadlines.id, taken))
    await record(tx, due.map(eventOf))
    await failpoint('tick.recorded')
    return due.length
  })
}

const eventOf = ({ id, dueAt, partyId, agencyId, serviceCode, ...what }: typeof deadlines.$inferSelect): Happened => ({
  ...what,
  ...(partyId && { partyId }),
  ...(agencyId && { agencyId }),
  ...(serviceCode && { serviceCode }),
  at: dueAt,
  actor: 'deadline',
})
