import { and, inArray } from 'drizzle-orm'
import { loggable } from '../../engine/errors.js'
import type { Work } from '../../events/job.js'
import { UploadState, uploads } from '../uploads/upload.table.js'
import type { FileStore } from './fileStore.js'
import { quarantineOf } from './places.js'

type Leftovers = Pick<Work, 'database' | 'log'>

/**
 * Removes orphaned files, of writers that died and of repeated uploads, after their lifetime in milliseconds. A failure is
 * logged, does not stop the rest, and is retried at the next sweep: some stores do not support every call.
 */
export async function removeLeftovers(work: Leftovers, files: FileStore, lifetime: number): Promise<false> {
  const before = new Date(Date.now() - lifetime) // files have the machine's time
  const logged = (error: unknown) => work.log.error({ error: loggable(error) }, 'leftovers could not be removed')
  await files.removeUnfinished(before).catch(logged)
  await removeFrom('quarantine', before, work, files).catch(logged)
  return false
}

async function removeFrom(folder: string, before: Date, work: Leftovers, files: FileStore): Promise<void> {
  let names: string[] = []
  for await (const name of files.list(folder, before)) {
    names.push(name)
    if (names.length < 500) continue
    await removeStale(names, work, files)
    names = []
  }
  await removeStale(names, work, files)
}

async function removeStale(names: string[], { database: { db }, log }: Leftovers, files: FileStore): Promise<void> {
  const ids = names.map((name) => name.slice('quarantine/'.length)).filter(isId)
  const wanted = await db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(inArray(uploads.id, ids), inArray(uploads.state, [UploadState.WAITING, UploadState.SCANNING])))
  const kept = new Set(wanted.map(({ id }) => quarantineOf(id).file))
  const failed: unknown[] = []
  for (const name of names.filter((name) => !kept.has(name)))
    await files.remove(name).catch((error) => failed.push(error))
  if (failed.length > 0)
    log.error({ files: failed.length, error: loggable(failed[0]) }, 'leftover files could not be removed')
}
/** A file of somebody else is not an upload, and is removed. */
const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
