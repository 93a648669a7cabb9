import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ownerWithin, prepareFolder } from './privileges.js'

/** Reads a file of DATA_DIR that only its owner can read. Created once, even if several processes start together. */
export function secretIn(dataDir: string, name: string, make: () => string): string {
  prepareFolder(dataDir)
  const path = join(dataDir, name)
  if (!existsSync(path)) {
    const fresh = `${path}.new-${process.pid}`
    writeSecret(fresh, make())
    try {
      linkSync(fresh, path) // if another start was faster, its secret wins
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(fresh)
    }
  }
  return readSecret(path)
}

export function writeSecret(path: string, text: string, flag: 'w' | 'wx' = 'w'): void {
  writeFileSync(path, `${text}\n`, { mode: 0o600, flush: true, flag })
  const owner = ownerWithin(path)
  if (owner) chownSync(path, owner.uid, owner.gid)
}

export function readSecret(path: string): string {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw new Error(`${path} must belong to the user who starts the server; ${(error as Error).message}`)
  }
  try {
    const mode = fstatSync(file).mode & 0o777
    if (mode & 0o077)
      throw new Error(`${path} must be readable by its owner alone (chmod 600); its mode is ${mode.toString(8)}`)
    return readFileSync(file, 'utf8').trim()
  } finally {
    closeSync(file)
  }
}

/** Serializes changes: the file is read only under the lock, so no key is lost. */
export function changeSecret(path: string, change: (text: string) => string): string {
  const next = `${path}.next`
  take(next)
  try {
    const text = change(readSecret(path))
    writeSecret(next, text)
    renameSync(next, path)
    return text
  } catch (error) {
    rmSync(next, { force: true })
    throw error
  }
}

/** Milliseconds. */
const patience = 1_000
const pause = 10

function take(next: string): void {
  for (let waited = 0; ; waited += pause)
    try {
      writeSecret(next, '', 'wx')
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (waited >= patience)
        throw new Error(
          `another process is changing the file: wait for it, or delete ${next} if that process was killed`,
        )
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause)
    }
}
