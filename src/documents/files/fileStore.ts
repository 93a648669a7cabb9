import type { Readable } from 'node:stream'

/** Where bytes stand that are too many for the database: encrypted before they come here. Names are ours, as `uploads/<id>`. */
export interface FileStore {
  /** All of it or nothing: what fails on the way leaves nothing, and is thrown as it was. One of that name is replaced. Throws `NoRoom`. */
  put(name: string, chunks: AsyncIterable<Buffer>): Promise<void>
  /** Undefined where there is none of that name. Whoever does not read it to its end destroys it. */
  get(name: string): Promise<Readable | undefined>
  /** Whether there is one or not. */
  remove(name: string): Promise<void>
  /** The names in a folder that were put there before that moment of the machine's clock. */
  list(folder: string, before: Date): AsyncIterable<string>
  /** Takes out what was begun before that moment and never became a file: its writer is dead. */
  removeUnfinished(before: Date): Promise<void>
  /** Throws where it does not answer, or nothing can be written. */
  check(): Promise<void>
  close(): void
}

/** Nothing more can be written: the disk or the quota is full. */
export class NoRoom extends Error {
  constructor(cause: unknown) {
    super('there is no room for more files', { cause })
  }
}
