import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Bytes } from './engine/bytes.js'
import { isForEveryone } from './engine/publicity.js'

/**
 * Seconds for which a cache may keep what everyone sees. A change of the catalogue, or a version that comes into force at
 * midnight, may appear that much later.
 */
const freshFor = 60

interface Caching {
  control: string
  etag?: string
  /** Whether the client has the answer already: the status is 304 then. */
  isKnown: boolean
}
const forbidden: Caching = { control: 'no-store', isKnown: false }

/**
 * What caches may do with an answer. Only answers to anonymous callers are kept, so that a revoked token never meets a
 * stored answer.
 */
export function cachingOf(answer: Bytes, status: number, request: FastifyRequest): Caching {
  if (!isPublic(answer, status, request)) return forbidden
  // Weak: the same answer may be sent compressed.
  const etag = `W/"${createHash('sha256').update(answer, 'latin1').digest('base64url').slice(0, 22)}"`
  const known = request.headers['if-none-match']?.split(',').some((one) => isSame(one.trim(), etag))
  return { control: `public, max-age=${freshFor}`, etag, isKnown: known ?? false }
}

function isPublic(answer: Bytes, status: number, { method, caller, about: { parsed } }: FastifyRequest) {
  if (method !== 'GET' || caller.kind !== 'ANONYMOUS' || status !== 200) return false
  // Errors come first in an answer.
  return answer.startsWith('{"data":') && parsed !== undefined && isForEveryone(parsed)
}
const isSame = (known: string, etag: string) => known === '*' || known === etag || `W/${known}` === etag
