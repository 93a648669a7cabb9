import { chownSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { asc, gte, sql } from 'drizzle-orm'
import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'
import { makeFolder, ownerWithin } from '../../platform/privileges.js'
import { lineOf, longestLine, numberIn } from './accessCheckpoint.js'
import { accessCheckpoints } from './accessCheckpoint.table.js'

/** Checkpoints per write. */
export const copyLimit = 1000
export const copyIn = (folder: string) => join(folder, 'checkpoints.jsonl')

/**
 * Appends missing checkpoints to the copy outside the database. Throws and writes nothing if the last line of the copy differs from
 * the database. Returns the number of checkpoints written.
 */
export async function copyCheckpoints(
  { database, log }: Pick<Work, 'database' | 'log'>,
  folder: string,
): Promise<number> {
  return await database.db.transaction(async (tx) => {
    // Only one of the workers that share the folder writes. If it loses its connection, a checkpoint may be written twice.
    const name = `pencere access log ${hostname()} ${folder}`
    const [elected] = await tx.execute(sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as won`)
    if (!elected?.won) return 0
    makeFolder(folder, 0o700)
    const path = copyIn(folder)
    const file = await open(path, 'a+', 0o600)
    try {
      const { last, isEmpty, isTorn } = await endOf(file, path)
      const checkpoints = await tx
        .select()
        .from(accessCheckpoints)
        .where(gte(accessCheckpoints.number, last ? (numberIn(last) as bigint) : 1n)) // else it were no last line
        .orderBy(asc(accessCheckpoints.number))
        .limit(copyLimit + 1)
      const lines = checkpoints.map(lineOf)
      if (last !== undefined) refuseOther(last, lines.shift(), path)
      if (lines.length === 0) return 0
      if (isEmpty) log.info({ path }, 'a copy of the checkpoints of the access log begins here')
      await failpoint('access.copying')
      // An incomplete line stays, and its checkpoint is written again after it.
      await file.appendFile(`${isTorn ? '\n' : ''}${lines.slice(0, copyLimit).join('\n')}\n`)
      await file.sync()
      if (isEmpty) await keepName(path)
      await failpoint('access.copied')
      return Math.min(lines.length, copyLimit)
    } finally {
      await file.close()
    }
  })
}

function refuseOther(last: string, present: string | undefined, path: string): void {
  if (present === last) return
  const number = numberIn(last)
  throw new Error(
    present === undefined || numberIn(present) !== number
      ? `${path} must not be ahead of the database; its last checkpoint is ${number}, which the database lacks: rows were removed, or a backup was restored. Nothing more is copied until an operator has run npm run verify-log and resolved this`
      : `${path} must contain the same checkpoints as the database; checkpoint ${number} differs: one of the two was rewritten. Nothing more is copied until an operator has run npm run verify-log and resolved this`,
  )
}

/** The last line with a checkpoint, and whether an incomplete line follows it. */
async function endOf(file: FileHandle, path: string) {
  const { size } = await file.stat()
  const length = Math.min(size, 16 * longestLine)
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
  const text = buffer.toString('latin1')
  const lines = text.split('\n').slice(length < size ? 1 : 0)
  const last = lines.reverse().find((line) => numberIn(line) !== undefined)
  if (last === undefined && length < size)
    throw new Error(`${path} must end with lines that each tell of a checkpoint; none of its last ${length} bytes does`)
  return { last, isEmpty: size === 0, isTorn: size > 0 && !text.endsWith('\n') }
}

/** For a new file, the directory entry must be synced too. */
async function keepName(path: string): Promise<void> {
  const owner = ownerWithin(path)
  if (owner) chownSync(path, owner.uid, owner.gid)
  const folder = await open(dirname(path))
  await folder.sync()
  await folder.close()
}
