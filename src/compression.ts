import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { Bytes } from './engine/bytes.js'

/** Length of the shortest answer that is compressed. */
const shortest = 2_048
// Fast rather than small: 12 kB take 0.3 ms of another thread and become 4 kB.
const ways = {
  br: (answer: Buffer) => promisify(brotliCompress)(answer, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (answer: Buffer) => promisify(gzip)(answer, { level: 3 }),
}

/** The answer as the client accepts it, compressed outside the event loop. docs/decisions/compression.md has the risks. */
export async function compressed(answer: Bytes, { headers }: FastifyRequest, reply: FastifyReply) {
  const bytes = Buffer.from(answer, 'latin1')
  if (bytes.length < shortest) return bytes
  const accepted = new Negotiator({ headers }).encodings(Object.keys(ways))
  const way = accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : undefined
  if (!way) return bytes
  reply.header('content-encoding', way)
  return ways[way](bytes)
}
