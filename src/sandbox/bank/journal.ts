import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface Journal {
  append(line: object): void
  /** Resolves when all that was appended before is on disk. */
  flushed(): Promise<void>
  close(): Promise<void>
}

/**
 * An append-only file of JSON lines. `replay` receives those that an earlier process wrote. A last line without its end
 * is cut: nobody was answered from it. After a failed write nothing is written any more, so that no line is missing
 * between others.
 */
export async function openJournal(path: string, replay: (line: never) => void): Promise<Journal> {
  const file = await open(path, 'a+', 0o600)
  const bytes = await file.readFile()
  const end = bytes.lastIndexOf('\n') + 1
  if (end < bytes.length) await file.truncate(end)
  await file.sync()
  await syncFolder(dirname(path))
  for (const line of bytes.subarray(0, end).toString().split('\n')) if (line) replay(JSON.parse(line) as never)
  let waiting = ''
  let written: Promise<void> = Promise.resolve()
  const write = async () => {
    const text = waiting
    waiting = ''
    await file.appendFile(text)
    await file.datasync()
  }
  return {
    append(line) {
      // Lines that arrive while others are written share the next write.
      if (!waiting) written = written.then(write)
      written.catch(() => {}) // whoever waits for it receives the error
      waiting += `${JSON.stringify(line)}\n`
    },
    flushed: () => written,
    async close() {
      await written.catch(() => {}) // those who waited have received the error
      await file.close()
    },
  }
}

/** The name of a new file is lost in a power cut unless its folder is written too. */
async function syncFolder(path: string): Promise<void> {
  const folder: FileHandle = await open(path, 'r')
  await folder.sync()
  await folder.close()
}
