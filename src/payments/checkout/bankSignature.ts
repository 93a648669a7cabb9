import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Signable } from './provider.js'

/** Seconds for which a signature is accepted, before and after its time stamp. */
export const signatureLifetime = 300

interface Signer {
  merchant: string
  secret: string
}
interface Stamp {
  timestamp: string
  nonce: string
}

const signatureOf = (secret: string, { timestamp, nonce }: Stamp, { method, path, body }: Signable): Buffer =>
  createHmac('sha256', secret).update(`${timestamp}.${nonce}.${method} ${path}.`).update(body).digest()

/** The headers of a signed request to the bank. */
export function signedHeaders({ merchant, secret }: Signer, request: Signable, now: Date): Record<string, string> {
  const stamp = { timestamp: String(Math.floor(now.getTime() / 1000)), nonce: randomBytes(16).toString('hex') }
  return {
    'x-merchant': merchant,
    'x-timestamp': stamp.timestamp,
    'x-nonce': stamp.nonce,
    'x-signature': signatureOf(secret, stamp, request).toString('hex'),
  }
}

/** The nonce of a request that was signed just now. Undefined if its signature is wrong or stale. */
export function nonceSigned(
  { merchant, secret }: Signer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  request: Signable,
  now: Date,
): string | undefined {
  const { 'x-merchant': of, 'x-timestamp': timestamp, 'x-nonce': nonce, 'x-signature': signature } = headers
  if (of !== merchant || typeof timestamp !== 'string' || typeof nonce !== 'string' || typeof signature !== 'string')
    return undefined
  if (!/^\d{1,12}$/.test(timestamp) || !/^[\w-]{16,64}$/.test(nonce) || !/^[0-9a-f]{64}$/.test(signature))
    return undefined
  const age = Math.abs(now.getTime() / 1000 - Number(timestamp))
  const isRight = timingSafeEqual(Buffer.from(signature, 'hex'), signatureOf(secret, { timestamp, nonce }, request))
  return isRight && age <= signatureLifetime ? nonce : undefined
}
