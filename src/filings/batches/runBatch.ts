import { and, eq, sql } from 'drizzle-orm'
import type { FileStore } from '../../documents/files/fileStore.js'
import { filingSignatureType } from '../../documents/signatures/signature.rules.js'
import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'
import { keysOf } from '../../identity/parties/party.js'
import { decryptFile } from '../../platform/encryptedFile.js'
import { decrypt, type PartyKey } from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import type { Timings } from '../../platform/timings.js'
import type { Trust } from '../../shared/trust.js'
import { sha256Of } from '../submission/toFile.js'
import { fileOfBatch } from './batchFiles.js'
import { endBatch } from './filingBatch.repository.js'
import { batchLimits, Stopped } from './filingBatch.rules.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'
import { handleItems } from './handleItems.js'
import { chunksOf, linesIn } from './lines.js'
import { isUnknown, readItems } from './readItems.js'

export interface BatchTools {
  files: FileStore
  trust: Trust
  timings: Timings
}
type Parts = Work & BatchTools
type BatchRow = typeof filingBatches.$inferSelect

/**
 * Works for some seconds on the batch that waited longest. Returns true if there may be more to do at once, so that batches
 * take turns.
 */
export async function runBatch(parts: Parts): Promise<boolean> {
  const batch = await takeBatch(parts)
  if (!batch) return false
  const key = (await keysOf(parts.database, parts.keyring, [batch.partyId])).get(batch.partyId)
  if (!key) return false // the data of its organisation was erased, and a job ends it
  try {
    return await workOn(parts, batch, key)
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    await stop(parts, batch, error)
    return true
  }
}

/** Two workers may take the same batch, if it is the only one. The lock of each chunk decides between them. */
async function takeBatch({ database: { db }, now }: Parts): Promise<BatchRow | undefined> {
  const next = db
    .select({ id: filingBatches.id })
    .from(filingBatches)
    .where(eq(filingBatches.state, FilingBatchState.RUNNING))
    .orderBy(filingBatches.workedAt, filingBatches.id)
    .limit(1)
    .for('no key update', { skipLocked: true })
  const at = now()
  const [taken] = await db
    .update(filingBatches)
    .set({ workedAt: at, startedAt: sql`coalesce(${filingBatches.startedAt}, ${at.toISOString()}::timestamptz)` })
    .where(eq(filingBatches.id, sql`(${next})`))
    .returning()
  return taken
}

async function stop({ database: { db }, now }: Parts, { id }: BatchRow, { reason }: Stopped): Promise<void> {
  const isRunning = and(eq(filingBatches.id, id), eq(filingBatches.state, FilingBatchState.RUNNING))
  const ending = { state: FilingBatchState.STOPPED, stoppedFor: reason, at: now(), actor } as const
  await db.transaction((tx) => endBatch(tx, isRunning, ending))
}
const actor = 'filing batches'

async function workOn(parts: Parts, batch: BatchRow, key: PartyKey): Promise<boolean> {
  const until = Date.now() + parts.timings.filingBatchRound
  const signed = await signatureOf(batch, key, parts.trust)
  if (signed === 'unknown') return false
  const read = () => linesIn(openFile(parts.files, batch, key), batchLimits)
  const lines = batch.lines ?? (await count(parts, batch, read()))
  if (batch.done === lines) return await complete(parts, batch)
  const all = ahead(chunksOf(read(), batch.done), (chunk) => readItems(chunk, parts.trust))
  for await (const chunk of all) {
    if (chunk === 'unknown') return false
    const handled = await withRetries(() => handleItems(parts, { batch, lines, signed }, chunk))
    await failpoint('filing_batch.committed')
    if (handled !== 'more') return handled === 'ended'
    if (Date.now() > until) return true
  }
  throw new Error(`the file of the batch ${batch.id} must have ${lines} lines; it has fewer`)
}

/** The one signature over the whole file. Unknown while its certificate cannot be checked: the batch then waits. */
async function signatureOf(batch: BatchRow, key: PartyKey, trust: Trust) {
  const { signature } = decrypt(key, filingBatches, batch)
  if (signature === null) return undefined
  const certificate = await trust.check(signature, filingSignatureType)
  if (isUnknown(certificate)) return 'unknown'
  if ('refused' in certificate) throw new Stopped('filing_batch.certificate_ended')
  return { certificate, sha256: sha256Of(signature) }
}

async function* openFile(files: FileStore, { id }: BatchRow, key: PartyKey): AsyncGenerator<Buffer> {
  const { file, place } = fileOfBatch(id)
  const encrypted = await files.get(file)
  if (!encrypted) throw new Error(`the file of the batch ${id} must be stored until it has ended; it is not`)
  try {
    yield* decryptFile(encrypted, key, place)
  } finally {
    encrypted.destroy()
  }
}

/** Reads the whole file once, so that one that cannot be read to its end files nothing. */
async function count({ database: { db } }: Parts, { id }: BatchRow, all: ReturnType<typeof linesIn>): Promise<number> {
  let lines = 0
  for await (const some of all) lines += some.length
  await db.update(filingBatches).set({ lines }).where(eq(filingBatches.id, id))
  return lines
}

/** For a file without lines. */
async function complete({ database: { db }, now }: Parts, { id }: BatchRow): Promise<true> {
  const isRunning = and(eq(filingBatches.id, id), eq(filingBatches.state, FilingBatchState.RUNNING))
  await db.transaction((tx) => endBatch(tx, isRunning, { state: FilingBatchState.COMPLETED, at: now(), actor }))
  return true
}

/** Prepares the next one while the present one is handled. */
async function* ahead<T, Ready>(source: AsyncGenerator<T>, prepare: (one: T) => Promise<Ready>): AsyncGenerator<Ready> {
  const take = async () => {
    const { done, value } = await source.next()
    return done ? undefined : await prepare(value)
  }
  let coming = take()
  try {
    for (let one = await coming; one !== undefined; one = await coming) {
      coming = take()
      coming.catch(() => {}) // thrown when it is awaited
      yield one
    }
  } finally {
    await coming.catch(() => {})
    await source.return(undefined)
  }
}
