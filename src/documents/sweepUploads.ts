import { and, asc, eq, inArray, lte, ne } from 'drizzle-orm'
import type { Job, Work } from '../events/job.js'
import { record } from '../events/record.js'
import type { Transaction } from '../shared/seeding.js'
import type { FileStore } from './fileStore.js'
import { keptOf, quarantineOf } from './places.js'
import { UploadState, uploads } from './upload.table.js'

/** So many at most in one transaction. */
export const mostExpired = 200

/** Refuses what was announced and never came. Tells how many. */
export async function expireUploads(
  { database, now }: Pick<Work, 'database' | 'now'>,
  files: FileStore,
): Promise<number> {
  const at = now()
  const expired = await database.db.transaction(async (tx) => {
    const due = await tx
      .select({ id: uploads.id, partyId: uploads.partyId })
      .from(uploads)
      .where(and(eq(uploads.state, UploadState.WAITING), lte(uploads.expiresAt, at)))
      .orderBy(asc(uploads.expiresAt))
      .limit(mostExpired)
      .for('update', { skipLocked: true }) // what has come whole at this moment is in time
    if (due.length === 0) return []
    await refuse(
      tx,
      due.map(({ id }) => id),
      'upload.expired',
    )
    await record(
      tx,
      due.map(({ id, partyId }) => ({
        ...{ domain: 'documents', type: 'upload.refused', subject: id, partyId, at, actor: 'expireUploads' },
      })),
    )
    return due
  })
  // Whole, and never told so: its API died between.
  for (const { id } of expired) await files.remove(quarantineOf(id).file)
  return expired.length
}

const refuse = (tx: Transaction, ids: string[], refusedFor: 'upload.expired' | 'upload.forgotten') =>
  tx.update(uploads).set({ state: UploadState.REFUSED, refusedFor, mediaType: null }).where(inArray(uploads.id, ids))

/** Milliseconds that a file may be without a row that says so: longer than any sending takes. */
const leeway = 3_600_000

/** Takes out what nobody will ask for: of writers that died, and of those who sent what had come already. */
export async function removeLeftovers({ database }: Pick<Work, 'database'>, files: FileStore): Promise<void> {
  const before = new Date(Date.now() - leeway) // files carry the time of the machine
  await files.removeUnfinished(before)
  let names: string[] = []
  for await (const name of files.list('quarantine', before)) {
    names.push(name)
    if (names.length < 500) continue
    await removeStale(names, database, files)
    names = []
  }
  await removeStale(names, database, files)
}

async function removeStale(names: string[], { db }: Work['database'], files: FileStore): Promise<void> {
  const ids = names.map((name) => name.slice('quarantine/'.length)).filter(isId)
  const wanted = await db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(inArray(uploads.id, ids), inArray(uploads.state, [UploadState.WAITING, UploadState.SCANNING])))
  const kept = new Set(wanted.map(({ id }) => quarantineOf(id).file))
  for (const name of names.filter((name) => !kept.has(name))) await files.remove(name)
}
/** What somebody else has put there is no upload, and goes. */
const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

const zeros = Buffer.alloc(32)

/** Takes out the files of whoever was forgotten, which nobody opens any more, and what tells them from other files. */
export const removeForgottenUploads = (files: FileStore): Job => ({
  name: 'removeForgottenUploads',
  on: ['party.forgotten'],
  async run({ subject: partyId }, { database: { db } }) {
    for (;;) {
      const some = await db
        .select({ id: uploads.id })
        .from(uploads)
        .where(and(eq(uploads.partyId, partyId), ne(uploads.sha256, zeros)))
        .limit(200)
      if (some.length === 0) return
      for (const { id } of some) {
        await files.remove(quarantineOf(id).file)
        await files.remove(keptOf(id).file)
      }
      // After its files, so that a worker that dies between finds them again.
      const ids = some.map(({ id }) => id)
      await db
        .update(uploads)
        .set({ state: UploadState.REFUSED, refusedFor: 'upload.forgotten', mediaType: null, sha256: zeros })
        .where(inArray(uploads.id, ids))
    }
  },
})
