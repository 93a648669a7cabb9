import { randomUUID } from 'node:crypto'
import { accessSync, chownSync, constants, mkdirSync } from 'node:fs'
import { type FileHandle, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ownerWithin } from '../../platform/privileges.js'
import { type FileStore, NoRoom } from './fileStore.js'

/** Suffix of a file that is being written. */
const unfinished = 'unfinished'

/** Stores files in a folder, created on demand for its owner only. Several machines must share the folder. */
export function localFiles(root: string, mode: string): FileStore {
  const at = (...parts: string[]) => join(root, mode, ...parts)
  return {
    async put(name, chunks) {
      const part = at(unfinished, randomUUID())
      makeFolder(dirname(part))
      try {
        await write(part, chunks)
        const path = at(name)
        makeFolder(dirname(path))
        await rename(part, path)
        await flushFolder(dirname(path))
      } catch (error) {
        await rm(part, { force: true })
        throw isFull(error) ? new NoRoom(error) : error
      }
    },
    async get(name) {
      const file = await open(at(name)).catch(absent)
      return file?.createReadStream()
    },
    remove: (name) => rm(at(name), { force: true }),
    async *list(folder, before) {
      for await (const name of namesIn(at(folder), before)) yield `${folder}/${name}`
    },
    async removeUnfinished(before) {
      for await (const name of namesIn(at(unfinished), before)) await rm(at(unfinished, name), { force: true })
    },
    check: async () => refuseUnwritable(root),
    close() {},
  }
}

async function write(path: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await give(file, path)
    for await (const chunk of chunks) await writeWhole(file, chunk)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A full disk may accept a part of a chunk, and fail only at the next. */
async function writeWhole(file: FileHandle, chunk: Buffer): Promise<void> {
  let written = 0
  while (written < chunk.length) written += (await file.write(chunk, written)).bytesWritten
}

async function give(file: FileHandle, path: string): Promise<void> {
  const owner = ownerWithin(path)
  if (owner) await file.chown(owner.uid, owner.gid)
}

/** Syncs the folder, so that a rename survives a loss of power. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function makeFolder(path: string): void {
  const topmost = mkdirSync(path, { recursive: true, mode: 0o700 })
  const owner = topmost && ownerWithin(topmost)
  if (!topmost || !owner) return
  for (let made = path; made.length >= topmost.length; made = dirname(made)) chownSync(made, owner.uid, owner.gid)
}

async function* namesIn(path: string, before: Date): AsyncGenerator<string> {
  const folder = await opendir(path).catch(absent)
  if (!folder) return
  for await (const entry of folder) {
    const found = entry.isFile() && (await stat(join(path, entry.name)).catch(absent))
    if (found && found.mtime < before) yield entry.name
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

// The cast: errors of Node have a code.
const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String((error as NodeJS.ErrnoException).code))

/** Checks at the start that the folder is writable. */
export function refuseUnwritable(root: string): void {
  try {
    makeFolder(root)
    accessSync(root, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new Error(`FILES_DIR must be a folder that can be written; ${(error as Error).message}`)
  }
}
