import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type ExportedJWKSCache,
  errors,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWKSCacheInput,
  type JWTHeaderParameters,
  jwksCache,
} from 'jose'
import type { Timings } from '../../platform/timings.js'
import type { Issuer } from './issuer.js'

/** The keys of an issuer cannot be fetched, so a token can be neither accepted nor refused. */
export class IssuerUnavailable extends Error {}

/** Milliseconds. */
const patience = 3_000
/** Milliseconds before an issuer that failed is asked again. */
const pause = 1_000
/** Bytes of its answer. Enough for a hundred keys of the longest kind. */
const maxBytes = 262_144

/** The key of a token's header, if its issuer publishes it. The same object until the published keys are read again. */
export type KeyOf = (header: JWTHeaderParameters) => Promise<CryptoKey>

export const keysOfIssuer = ({ issuer, jwks, jwksUri }: Issuer, timings: Timings): KeyOf =>
  jwks ? createLocalJWKSet(jwks as JSONWebKeySet) : fetchedFrom(issuer, new URL(jwksUri as string), timings) // the settings require one of both

function fetchedFrom(issuer: string, address: URL, timings: Timings): KeyOf {
  // Filled by each fetch: the last keys, and when they came.
  const fetched: Partial<ExportedJWKSCache> = {}
  const remote = createRemoteJWKSet(address, {
    timeoutDuration: patience,
    cooldownDuration: timings.issuerKeysCoolDown,
    cacheMaxAge: timings.issuerKeysFreshFor,
    [customFetch]: fetchBounded,
    [jwksCache]: fetched as JWKSCacheInput, // empty or full
  })
  let last: { jwks: JSONWebKeySet; keyOf: KeyOf } | undefined
  let failed: { reason: string; at: number } | undefined
  const lastKey: KeyOf = async (header) => {
    const cannot = () => new IssuerUnavailable(`the keys of ${issuer} cannot be fetched: ${failed?.reason}`)
    const { jwks, uat = 0 } = fetched
    if (!jwks || Date.now() - uat > timings.issuerKeysUsableFor) throw cannot()
    if (last?.jwks !== jwks) last = { jwks, keyOf: createLocalJWKSet(jwks) }
    return await last.keyOf(header).catch((error) => {
      // The issuer may have published the key since.
      throw error instanceof errors.JWKSNoMatchingKey ? cannot() : error
    })
  }
  return async (header) => {
    if (failed && Date.now() - failed.at < pause) return await lastKey(header)
    try {
      const key = await remote(header)
      failed = undefined
      return key
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      failed = { reason: (error as Error).message, at: Date.now() }
      return await lastKey(header)
    }
  }
}

/** Leaving the loop closes the connection. */
const fetchBounded: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options)
  if (response.status !== 200) return response
  const chunks: Uint8Array[] = []
  let size = 0
  // The cast: Node's fetch yields chunks of bytes, which its types do not say.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > maxBytes)
      throw new Error(`the keys of an issuer must have at most ${maxBytes} bytes; the answer has more`)
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks))
}
