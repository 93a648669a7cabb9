import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type BatchLimits, Stopped } from './filingBatch.rules.js'

type Bytes = AsyncIterable<Buffer>
/** The bytes of a line without its end. Undefined if it is too long. */
export type RawLine = Buffer | undefined

/** The lines of a file, several at a time, in little memory. Throws `Stopped` if the file as a whole cannot be read. */
export async function* linesIn(file: Bytes, limits: BatchLimits): AsyncGenerator<RawLine[]> {
  const splitter = new Splitter(limits.bytesOfLine)
  let bytes = 0
  let count = 0
  const counted = (lines: RawLine[]) => {
    count += lines.length
    if (count > limits.lines) throw new Stopped('filing_batch.too_many_lines')
    return lines
  }
  for await (const chunk of unpacked(file)) {
    bytes += chunk.length
    if (bytes > limits.bytes) throw new Stopped('filing_batch.unpacks_too_large')
    yield counted(splitter.linesIn(chunk))
  }
  yield counted(splitter.rest())
}

/** The file as it is, or unpacked if it begins as gzip does. */
async function* unpacked(file: Bytes): AsyncGenerator<Buffer> {
  const chunks = file[Symbol.asyncIterator]()
  // Decrypted files come in pieces, of which only the last may be as short as one byte.
  const first = await chunks.next()
  if (first.done) return
  const whole = Readable.from(behind(first.value, chunks), { objectMode: false })
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* whole
  const gunzip = createGunzip()
  pipeline(whole, gunzip, () => {}) // its errors come out below
  try {
    yield* gunzip
  } catch (error) {
    // The cast: errors of Node have a code.
    throw /^Z_/.test((error as NodeJS.ErrnoException).code ?? '') ? new Stopped('filing_batch.damaged') : error
  }
}

async function* behind(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.from('efbbbf', 'hex')

class Splitter {
  #begun: Buffer[] = []
  #length = 0
  #isFirst = true
  constructor(readonly longest: number) {}

  linesIn(chunk: Buffer): RawLine[] {
    const lines: RawLine[] = []
    let from = 0
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
      this.#add(chunk.subarray(from, at))
      lines.push(this.#take())
      from = at + 1
    }
    this.#add(chunk.subarray(from))
    return lines
  }

  /** A last line need not have an end. */
  rest(): RawLine[] {
    return this.#length > 0 ? [this.#take()] : []
  }

  #add(part: Buffer): void {
    this.#length += part.length
    if (this.#length <= this.longest) this.#begun.push(part)
    else this.#begun = []
  }

  #take(): RawLine {
    const line = this.#length <= this.longest ? this.#whole() : undefined
    this.#begun = []
    this.#length = 0
    this.#isFirst = false
    return line
  }

  #whole(): Buffer {
    const [only, ...more] = this.#begun
    const whole = only && more.length === 0 ? only : Buffer.concat(this.#begun)
    const from = this.#isFirst && whole.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
    return whole.subarray(from, whole.at(-1) === carriageReturn ? -1 : undefined)
  }
}

/** Lines that are handled together. */
export interface Chunk {
  /** The number of lines before. */
  before: number
  lines: RawLine[]
}
/** At most that many lines, and no more memory than that: a line may be 200 times the usual. */
const atOnce = { lines: 500, bytes: 4_194_304 }

/** The lines after the first `skip`, in chunks. */
export async function* chunksOf(lines: AsyncIterable<RawLine[]>, skip: number): AsyncGenerator<Chunk> {
  let read = 0
  let chunk: Chunk = { before: skip, lines: [] }
  let bytes = 0
  for await (const some of lines) {
    const wanted = some.slice(Math.max(skip - read, 0))
    read += some.length
    for (const line of wanted) {
      chunk.lines.push(line)
      bytes += line?.length ?? 0
      if (chunk.lines.length < atOnce.lines && bytes < atOnce.bytes) continue
      yield chunk
      chunk = { before: chunk.before + chunk.lines.length, lines: [] }
      bytes = 0
    }
  }
  if (chunk.lines.length > 0) yield chunk
}
