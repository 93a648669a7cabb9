import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

/** Length of the shortest answer that is compressed. */
const shortest = 2_048
// Fast rather than small: 12 kB take 0.3 ms of another thread and become 4 kB.
const ways = {
  br: (text: string | Buffer) => promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (text: string | Buffer) => promisify(gzip)(text, { level: 3 }),
}

/** The text as the client accepts it, compressed outside the event loop. docs/decisions/compression.md has the risks. */
export async function compressed(text: string | Buffer, { headers }: FastifyRequest, reply: FastifyReply) {
  // A text is written together with its headers, and bytes after them.
  if (text.length < shortest) return String(text)
  const accepted = new Negotiator({ headers }).encodings(Object.keys(ways))
  const way = accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : undefined
  if (!way) return text
  reply.header('content-encoding', way)
  return ways[way](text)
}
