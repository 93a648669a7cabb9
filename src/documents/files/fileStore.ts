import type { Readable } from 'node:stream'

/** Stores encrypted files outside the database. Names are internal, such as `uploads/<id>`. */
export interface FileStore {
  /** Writes all or nothing; replaces a file of that name. Rethrows errors of the source. Throws `NoRoom`. */
  put(name: string, chunks: AsyncIterable<Buffer>): Promise<void>
  /** Undefined if there is none. A caller that does not read to the end must destroy the stream. */
  get(name: string): Promise<Readable | undefined>
  /** Succeeds even if there is none. */
  remove(name: string): Promise<void>
  /** The files in a folder that were stored before a time of the machine's clock. */
  list(folder: string, before: Date): AsyncIterable<string>
  /** Removes unfinished files that were started before a time, because their writers have died. */
  removeUnfinished(before: Date): Promise<void>
  /** Throws if the store does not answer or is not writable. */
  check(): Promise<void>
  close(): void
}

/** The disk or quota is full. */
export class NoRoom extends Error {
  constructor(cause: unknown) {
    super('there is no room for more files', { cause })
  }
}
