import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import Negotiator from 'negotiator'
import type { Bytes } from './engine/bytes.js'

/** Length of the shortest answer that is compressed. */
const shortest = 2_048
// Fast rather than small: 12 kB take 0.3 ms of another thread and become 4 kB.
const ways = {
  br: (answer: Buffer) => promisify(brotliCompress)(answer, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (answer: Buffer) => promisify(gzip)(answer, { level: 3 }),
}

/** How an answer is compressed, if the client accepts it. docs/decisions/compression.md has the risks. */
export function encodingFor(answer: Bytes, headers: IncomingHttpHeaders): keyof typeof ways | undefined {
  if (answer.length < shortest || headers['accept-encoding'] === undefined) return undefined
  const accepted = new Negotiator({ headers }).encodings(Object.keys(ways))
  return accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : undefined
}

/** Outside the event loop. */
export const compressed = (answer: Bytes, way: keyof typeof ways): Promise<Buffer> =>
  ways[way](Buffer.from(answer, 'latin1'))
