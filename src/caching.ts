import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Bytes } from './engine/bytes.js'
import { isForEveryone } from './engine/publicity.js'

/**
 * Seconds for which a cache may keep what everyone sees. A change of the catalogue, or a version that comes into force at
 * midnight, may appear that much later.
 */
const freshFor = 60

/**
 * Sets what caches may do with an answer. True if the client has it already: the status is 304 then. Only answers to
 * anonymous callers are kept, so that a revoked token never meets a stored answer.
 */
export function setCaching(answer: Bytes, request: FastifyRequest, reply: FastifyReply): boolean {
  if (!isPublic(answer, request, reply)) {
    reply.header('cache-control', 'no-store')
    return false
  }
  // Weak: the same answer may be sent compressed.
  const etag = `W/"${createHash('sha256').update(answer, 'latin1').digest('base64url').slice(0, 22)}"`
  reply.header('cache-control', `public, max-age=${freshFor}`).header('etag', etag)
  const has = request.headers['if-none-match']?.split(',').some((known) => isSame(known.trim(), etag)) ?? false
  if (has) reply.code(304).removeHeader('content-type')
  return has
}

function isPublic(answer: Bytes, { method, caller, about: { parsed } }: FastifyRequest, { statusCode }: FastifyReply) {
  if (method !== 'GET' || caller.kind !== 'ANONYMOUS' || statusCode !== 200) return false
  // Errors come first in an answer.
  return answer.startsWith('{"data":') && parsed !== undefined && isForEveryone(parsed)
}
const isSame = (known: string, etag: string) => known === '*' || known === etag || `W/${known}` === etag
