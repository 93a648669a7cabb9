import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
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
const mostBytes = 262_144

export const keysOfIssuer = ({ issuer, jwks, jwksUri }: Issuer, timings: Timings): JWTVerifyGetKey =>
  jwks ? createLocalJWKSet(jwks as JSONWebKeySet) : fetchedFrom(issuer, new URL(jwksUri as string), timings) // the settings require one of both

function fetchedFrom(issuer: string, address: URL, timings: Timings): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(address, {
    timeoutDuration: patience,
    cooldownDuration: timings.issuerKeysCoolDown,
    cacheMaxAge: timings.issuerKeysFreshFor,
    [customFetch]: fetchBounded,
  })
  let last: { keys: JSONWebKeySet; at: number } | undefined
  let failed: { reason: string; at: number } | undefined
  const lastKey: JWTVerifyGetKey = async (header, token) => {
    const cannot = () => new IssuerUnavailable(`the keys of ${issuer} cannot be fetched: ${failed?.reason}`)
    if (!last || Date.now() - last.at > timings.issuerKeysUsableFor) throw cannot()
    return await createLocalJWKSet(last.keys)(header, token).catch((error) => {
      // The issuer may have published the key since.
      throw error instanceof errors.JWKSNoMatchingKey ? cannot() : error
    })
  }
  return async (header, token) => {
    if (failed && Date.now() - failed.at < pause) return await lastKey(header, token)
    try {
      const key = await remote(header, token)
      if (remote.jwks() !== last?.keys) last = { keys: remote.jwks() as JSONWebKeySet, at: Date.now() } // just read
      failed = undefined
      return key
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      failed = { reason: (error as Error).message, at: Date.now() }
      return await lastKey(header, token)
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
    if (size > mostBytes)
      throw new Error(`the keys of an issuer must have at most ${mostBytes} bytes; the answer has more`)
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks))
}
