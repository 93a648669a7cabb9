import { and, inArray } from 'drizzle-orm'
import type { Work } from '../events/job.js'
import type { FileStore } from './fileStore.js'
import { quarantineOf } from './places.js'
import { UploadState, uploads } from './upload.table.js'

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
