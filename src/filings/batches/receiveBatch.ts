import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { FileStore } from '../../documents/files/fileStore.js'
import { over, unknownFile } from '../../documents/uploads/file.refusals.js'
import { storeAnnounced } from '../../documents/uploads/receiveUpload.js'
import { failpoint } from '../../engine/failpoint.js'
import { clearDeadline } from '../../events/deadlines.js'
import { parties } from '../../identity/parties/party.table.js'
import type { Database } from '../../platform/database.js'
import type { PartyKey } from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import { fileOfBatch } from './batchFiles.js'
import { termEnded } from './expireFilingBatch.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'

interface Parts {
  database: Database
  files: FileStore
  now(): Date
}
type BatchRow = typeof filingBatches.$inferSelect

/** The state to return for a PUT without reading its bytes. Undefined while the batch is WAITING. */
export function answerWithoutBytes({ state, expiresAt }: BatchRow, now: Date): FilingBatchState | undefined {
  const { WAITING, EXPIRED } = FilingBatchState
  if (state === EXPIRED || (state === WAITING && expiresAt <= now)) throw over('upload.expired')
  return state === WAITING ? undefined : state
}

/**
 * Receives the file of a WAITING batch, encrypts it on the way, and returns the new state. If two clients send at once, both
 * send the same bytes, because no others are accepted. Throws `FileRefused` and leaves the batch WAITING.
 */
export async function receiveBatch(
  { database, files, now }: Parts,
  { batch, key }: { batch: BatchRow; key: PartyKey },
  bytes: AsyncIterable<Buffer>,
): Promise<FilingBatchState> {
  const { size, sha256 } = batch
  await storeAnnounced(files, { size, sha256, key, ...fileOfBatch(batch.id) }, bytes)
  await failpoint('filing_batch.stored')
  const state = await markReceived(database, batch, now())
  // Otherwise it has ended meanwhile.
  if (state !== FilingBatchState.RUNNING) await files.remove(fileOfBatch(batch.id).file)
  if (state === undefined) throw unknownFile()
  return state
}

/** Undefined if the organisation's data was erased meanwhile. */
const markReceived = ({ db }: Database, { id, partyId }: BatchRow, at: Date): Promise<FilingBatchState | undefined> =>
  withRetries(() =>
    db.transaction(async (tx) => {
      const isKnown = and(eq(parties.id, partyId), isNotNull(parties.key))
      const [party] = await tx.select({ id: parties.id }).from(parties).where(isKnown).for('share')
      if (!party) return undefined
      const [moved] = await tx
        .update(filingBatches)
        .set({
          state: FilingBatchState.RUNNING,
          receivedAt: at,
          changedAt: at,
          workedAt: at, // its turn comes after those that wait longer
          revision: sql`${filingBatches.revision} + 1`,
        })
        .where(and(eq(filingBatches.id, id), eq(filingBatches.state, FilingBatchState.WAITING)))
        .returning({ state: filingBatches.state })
      // If it has passed, its job finds nothing WAITING.
      if (moved) await clearDeadline(tx, termEnded, id)
      if (moved) return moved.state
      const [found] = await tx
        .select({ state: filingBatches.state })
        .from(filingBatches)
        .where(eq(filingBatches.id, id))
      return found?.state
    }),
  )
