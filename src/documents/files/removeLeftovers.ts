import { and, inArray } from 'drizzle-orm'
import { loggable } from '../../engine/errors.js'
import type { Work } from '../../events/job.js'
import { quarantineOf } from '../issued/places.js'
import { UploadState, uploads } from '../uploads/upload.table.js'
import type { FileStore } from './fileStore.js'

/** Milliseconds that a file may be without a row that says so: longer than any sending takes. */
const leeway = 3_600_000

type Leftovers = Pick<Work, 'database' | 'log'>

/**
 * Takes out what nobody will ask for: of writers that died, and of those who sent what had come already. What fails is logged,
 * keeps nothing else from its turn, and is tried again at the next sweep: not every store knows every call.
 */
export async function removeLeftovers(work: Leftovers, files: FileStore): Promise<false> {
  const before = new Date(Date.now() - leeway) // files carry the time of the machine
  const told = (error: unknown) => work.log.error({ error: loggable(error) }, 'leftovers could not be removed')
  await files.removeUnfinished(before).catch(told)
  await removeFrom('quarantine', before, work, files).catch(told)
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
/** What somebody else has put there is no upload, and goes. */
const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
