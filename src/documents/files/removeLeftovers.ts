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
  await files.removeUnfinished(before).catch(loggedTo(work.log))
  await removeStaleFiles('quarantine', before, { ...work, files }, async (ids) => {
    const rows = await work.database.db
      .select({ id: uploads.id })
      .from(uploads)
      .where(and(inArray(uploads.id, ids), inArray(uploads.state, [UploadState.WAITING, UploadState.SCANNING])))
    return rows.map(({ id }) => quarantineOf(id).file)
  })
  return false
}

const loggedTo = (log: Work['log']) => (error: unknown) =>
  log.error({ error: loggable(error) }, 'leftovers could not be removed')

type Store = Pick<Work, 'log'> & { files: FileStore }
/** Returns the files that are still needed, by the ids they are named for. */
type Needed = (ids: string[]) => Promise<string[]>

/** Removes the files of a folder that are older, unless they are needed. Failures are logged. */
export async function removeStaleFiles(folder: string, before: Date, store: Store, needed: Needed): Promise<void> {
  await removeFrom(folder, before, store, needed).catch(loggedTo(store.log))
}

async function removeFrom(folder: string, before: Date, store: Store, needed: Needed): Promise<void> {
  let names: string[] = []
  for await (const name of store.files.list(folder, before)) {
    names.push(name)
    if (names.length < 500) continue
    await removeStale(names, store, needed)
    names = []
  }
  await removeStale(names, store, needed)
}

async function removeStale(names: string[], { files, log }: Store, needed: Needed): Promise<void> {
  // A file with another name belongs to nothing, and is removed.
  const kept = new Set(await needed(names.map((name) => name.slice(name.indexOf('/') + 1)).filter(isId)))
  const failed: unknown[] = []
  for (const name of names.filter((name) => !kept.has(name)))
    await files.remove(name).catch((error) => failed.push(error))
  if (failed.length > 0)
    log.error({ files: failed.length, error: loggable(failed[0]) }, 'leftover files could not be removed')
}
const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
