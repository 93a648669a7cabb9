import { type SQL, sql } from 'drizzle-orm'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import type { StopReason } from './filingBatch.rules.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'

interface Ending {
  state: Exclude<FilingBatchState, FilingBatchState.WAITING | FilingBatchState.RUNNING>
  stoppedFor?: StopReason
  at: Date
  actor: string
}
const eventTypes = {
  [FilingBatchState.COMPLETED]: 'filing_batch.completed',
  [FilingBatchState.CANCELLED]: 'filing_batch.cancelled',
  [FilingBatchState.STOPPED]: 'filing_batch.stopped',
  [FilingBatchState.EXPIRED]: 'filing_batch.expired',
}
export const endTypes = Object.values(eventTypes)

/** Ends the batches that match, each with its event. Returns false if there were none. */
export async function endBatch(
  tx: Transaction,
  where: SQL | undefined,
  { state, stoppedFor, at, actor }: Ending,
): Promise<boolean> {
  const ended = await tx
    .update(filingBatches)
    .set({
      state,
      stoppedFor: stoppedFor ?? null,
      endedAt: at,
      changedAt: at,
      revision: sql`${filingBatches.revision} + 1`,
    })
    .where(where)
    .returning({ id: filingBatches.id, partyId: filingBatches.partyId })
  const event = { domain: 'filings', type: eventTypes[state], at, actor }
  await record(
    tx,
    ended.map(({ id, partyId }) => ({ ...event, subject: id, partyId })),
  )
  return ended.length > 0
}
