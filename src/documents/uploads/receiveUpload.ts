import { createHash } from 'node:crypto'
import { and, arrayContains, eq, isNotNull, notExists, sql } from 'drizzle-orm'
import { failpoint } from '../../engine/failpoint.js'
import { clearDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { mandates } from '../../identity/mandates/mandate.table.js'
import { isInForce } from '../../identity/parties/capacity.repository.js'
import { keysOf } from '../../identity/parties/party.js'
import { parties } from '../../identity/parties/party.table.js'
import { programs } from '../../identity/programs/program.table.js'
import type { Database } from '../../platform/database.js'
import { encryptFile } from '../../platform/encryptedFile.js'
import type { Keyring } from '../../platform/keyring.js'
import type { PartyKey, Place } from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import { type FileStore, NoRoom } from '../files/fileStore.js'
import { quarantineOf } from '../files/places.js'
import { termEnded } from './expireUpload.js'
import { noRoom, otherHash, otherSize, over, unknownFile } from './file.refusals.js'
import { knownReason } from './upload.reasons.js'
import { subjectOfUpload } from './upload.rules.js'
import { UploadState, uploads } from './upload.table.js'

interface Parts {
  database: Database
  keyring: Keyring
  files: FileStore
  now(): Date
}
export type UploadRow = typeof uploads.$inferSelect

/** Whether the uploader may still send the file: the mandates used are in force, and the program is not revoked. */
export async function mayStillSend({ database: { db }, now }: Parts, { id }: UploadRow): Promise<boolean> {
  const mandatesInForce = db
    .select({ id: mandates.id })
    .from(mandates)
    .where(and(arrayContains(uploads.mandateIds, sql`array[${mandates.id}]`), isInForce(now())))
  const revokedProgram = db
    .select({ id: programs.id })
    .from(programs)
    .where(and(eq(uploads.createdBy, sql`'program:' || ${programs.id}`), isNotNull(programs.revokedAt)))
  const [found] = await db
    .select({ id: uploads.id })
    .from(uploads)
    .where(
      and(
        eq(uploads.id, id),
        sql`cardinality(${uploads.mandateIds}) = (select count(*) from ${mandatesInForce} as in_force)`,
        notExists(revokedProgram),
      ),
    )
  return found !== undefined
}

/** An upload, unless the party's data was erased. */
export async function findUpload(
  { database, keyring }: Pick<Parts, 'database' | 'keyring'>,
  id: string,
): Promise<{ upload: UploadRow; key: PartyKey } | undefined> {
  const [upload] = await database.db.select().from(uploads).where(eq(uploads.id, id))
  const key = upload && (await keysOf(database, keyring, [upload.partyId])).get(upload.partyId)
  return key && { upload, key }
}

/**
 * Receives the bytes of a WAITING upload, encrypts them on the way, and returns the new state. If two clients send at once, both send
 * the same bytes, because no others are accepted. Throws `FileRefused` and leaves the upload WAITING.
 */
export async function receiveUpload(
  parts: Parts,
  { upload, key }: { upload: UploadRow; key: PartyKey },
  bytes: AsyncIterable<Buffer>,
): Promise<UploadState> {
  const { file, place } = quarantineOf(upload.id)
  await storeAnnounced(parts.files, { ...upload, file, place, key }, bytes)
  await failpoint('upload.stored')
  const state = await markReceived(parts, upload)
  // Another client was faster, and its file has been scanned already.
  if (state !== UploadState.SCANNING) await parts.files.remove(file)
  if (state === undefined) throw unknownFile()
  await failpoint('upload.received')
  return state
}

/** The state to return for a PUT without reading its bytes. Undefined while the upload is WAITING. */
export function answerWithoutBytes({ state, refusedFor, expiresAt }: UploadRow, now: Date): UploadState | undefined {
  if (state === UploadState.REFUSED || state === UploadState.INFECTED)
    throw over(knownReason(refusedFor ?? 'upload.infected') ?? 'upload.unknown')
  if (state !== UploadState.WAITING) return state
  if (expiresAt <= now) throw over('upload.expired')
  return undefined
}

interface Announced extends Pick<UploadRow, 'size' | 'sha256'> {
  file: string
  place: Place
  key: PartyKey
}
/** Stores the bytes encrypted, if they are the announced ones. Throws `FileRefused` otherwise. */
export async function storeAnnounced(files: FileStore, announced: Announced, bytes: AsyncIterable<Buffer>) {
  const { file, key, place } = announced
  try {
    await files.put(file, encryptFile(asAnnounced(bytes, announced), key, place))
  } catch (error) {
    throw error instanceof NoRoom ? Object.assign(noRoom(), { cause: error }) : error
  }
}

/** Passes the bytes on. Ends only if size and hash match the announcement. */
async function* asAnnounced(bytes: AsyncIterable<Buffer>, { size, sha256 }: Announced): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let received = 0
  for await (const chunk of bytes) {
    received += chunk.length
    if (received > size) throw otherSize(size, `> ${size}`)
    hash.update(chunk)
    yield chunk
  }
  if (received !== size) throw otherSize(size, String(received))
  if (!hash.digest().equals(sha256)) throw otherHash()
}

/** Undefined if the party's data was erased meanwhile. */
const markReceived = (
  { database, now }: Parts,
  { id, partyId, subjectId, createdBy }: UploadRow,
): Promise<UploadState | undefined> =>
  withRetries(() =>
    database.db.transaction(async (tx) => {
      const isKnown = and(eq(parties.id, partyId), isNotNull(parties.key))
      const [party] = await tx.select({ id: parties.id }).from(parties).where(isKnown).for('share')
      if (!party) return undefined
      const at = now()
      const [moved] = await tx
        .update(uploads)
        .set({ state: UploadState.SCANNING, receivedAt: at })
        .where(and(eq(uploads.id, id), eq(uploads.state, UploadState.WAITING)))
        .returning({ id: uploads.id })
      if (moved) {
        await clearDeadline(tx, termEnded, id) // if it has passed, its job finds nothing WAITING
        const subject = subjectOfUpload({ id, partyId, subjectId })
        await record(tx, [{ ...subject, type: 'upload.received', at, actor: createdBy }])
        return UploadState.SCANNING
      }
      const [found] = await tx.select({ state: uploads.state }).from(uploads).where(eq(uploads.id, id))
      return found?.state
    }),
  )
