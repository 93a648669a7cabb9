import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Happened } from '../events/record.js'
import { endCharges } from '../payments/charges/charge.repository.js'
import { ChargeState, charges } from '../payments/charges/charge.table.js'
import type { Transaction } from '../platform/seeding.js'
import { FilingState, filings } from './filing.table.js'

export type Filing = typeof filings.$inferSelect
/** What events say of a filing. */
type Subject = Pick<Filing, 'id' | 'partyId' | 'agencyId' | 'serviceCode'>
/** When a change is recorded, and who made it. */
export interface Recorded {
  at: Date
  actor: string
  /** Further IDs for the event, such as the appointment under which an officer acts. */
  ids?: Record<string, string>
}

/** Changes a locked filing. */
export async function changeTo(
  tx: Transaction,
  { id, state }: Pick<Filing, 'id' | 'state'>,
  set: Partial<typeof filings.$inferInsert>,
  at: Date,
): Promise<void> {
  const changed = await tx
    .update(filings)
    .set({ ...set, changedAt: at, revision: sql`${filings.revision} + 1` })
    .where(and(eq(filings.id, id), eq(filings.state, state)))
    .returning({ id: filings.id })
  if (changed.length !== 1) throw new Error(`the filing ${id} was locked as ${state}, and is not`)
}

export const happenedTo = (
  { id, partyId, agencyId, serviceCode }: Subject,
  type: string,
  { at, actor, ids = {} }: Recorded,
): Happened => ({ domain: 'filings', type, subject: id, partyId, agencyId, serviceCode, at, actor, ids })

/**
 * Supersedes what these filings replace, cancels its open charges, and passes the periods on. The filings are written as ACCEPTED, in this transaction;
 * a correction has no `livePeriod` before. The number of statements does not grow with the filings. Returns the events, for
 * `record`.
 */
export async function accept(
  tx: Transaction,
  accepted: readonly (Subject & Pick<Filing, 'replacesId'>)[],
  recorded: Recorded,
): Promise<Happened[]> {
  const events = accepted.map((filing) => happenedTo(filing, 'filing.accepted', recorded))
  const correctionOf = new Map(
    accepted.flatMap(({ id, replacesId }) => (replacesId ? [[replacesId, id] as const] : [])),
  )
  if (correctionOf.size === 0) return events
  const { id, partyId, agencyId, serviceCode, state, livePeriod } = filings
  const replaced = await tx
    .select({ id, partyId, agencyId, serviceCode, state, livePeriod })
    .from(filings)
    .where(inArray(id, [...correctionOf.keys()]))
    .orderBy(id)
    .for('update')
  // Nothing ends an accepted filing while a correction of it waits.
  const ended = replaced.find((filing) => filing.state !== FilingState.ACCEPTED)
  if (ended || replaced.length < correctionOf.size)
    throw new Error(`a correction was accepted of a filing that is not: ${ended?.id}`)
  await tx
    .update(filings)
    .set({
      state: FilingState.SUPERSEDED,
      livePeriod: null,
      endedAt: recorded.at,
      changedAt: recorded.at,
      revision: sql`${filings.revision} + 1`,
    })
    .where(inArray(id, [...correctionOf.keys()]))
  const passed = replaced.flatMap((filing) =>
    filing.livePeriod === null ? [] : [{ id: correctionOf.get(filing.id), period: filing.livePeriod }],
  )
  if (passed.length > 0)
    await tx.execute(sql`
      update filings set live_period = passed.period
      from jsonb_to_recordset(${JSON.stringify(passed)}::text::jsonb) as passed(id uuid, period text)
      where filings.id = passed.id`)
  // What is owed by a correction, the agency charges whole.
  const areTheirs = inArray(charges.subjectId, [...correctionOf.keys()])
  await endCharges(tx, areTheirs, { ...recorded, state: ChargeState.CANCELLED })
  const superseded = replaced.map((filing) =>
    happenedTo(filing, 'filing.superseded', { ...recorded, ids: { by: correctionOf.get(filing.id) as string } }),
  )
  return events.concat(superseded)
}
