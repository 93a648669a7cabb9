import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** The oldest request that is accepted, in seconds. A clock that is ahead may be so by the same. */
const validFor = 300

interface Signed {
  method: string
  /** With its query. */
  path: string
  body: string | Buffer
}

interface Parts {
  merchant: string
  secret: string
  now: () => Date
}

export const hmacOf = (secret: string, ...texts: (string | Buffer)[]): string =>
  texts.reduce((hmac, text) => hmac.update(text), createHmac('sha256', secret)).digest('hex')

export function isSame(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}

const headOf = (timestamp: string, nonce: string, { method, path }: Signed) =>
  `${timestamp}.${nonce}.${method} ${path}.`

/** The headers of a signed request. */
export function signed(request: Signed, { merchant, secret, now }: Parts): Record<string, string> {
  const timestamp = String(Math.floor(now().getTime() / 1000))
  const nonce = randomBytes(16).toString('hex')
  return {
    'x-merchant': merchant,
    'x-timestamp': timestamp,
    'x-nonce': nonce,
    'x-signature': hmacOf(secret, headOf(timestamp, nonce, request), request.body),
  }
}

/** Returns what is wrong with a request. A nonce counts as used only if the signature is right. */
export function signatureCheck({ merchant, secret, now }: Parts) {
  // Forgotten at a restart: a request that is repeated then finds what the first one did.
  const used = new Map<string, number>()
  return (headers: IncomingHttpHeaders, request: Signed): string | undefined => {
    const [given, timestamp, nonce, signature] = ['merchant', 'timestamp', 'nonce', 'signature'].map(
      (name) => `${headers[`x-${name}`] ?? ''}`,
    ) as [string, string, string, string] // as many as there are names
    if (given !== merchant) return 'unknown_merchant'
    if (!/^\d{1,12}$/.test(timestamp) || !/^[\w-]{16,64}$/.test(nonce)) return 'malformed_signature'
    if (!isSame(signature, hmacOf(secret, headOf(timestamp, nonce, request), request.body))) return 'wrong_signature'
    const seconds = now().getTime() / 1000
    if (Math.abs(seconds - Number(timestamp)) > validFor) return 'stale_timestamp'
    for (const [old, at] of used) {
      if (seconds - at <= 2 * validFor) break
      used.delete(old)
    }
    if (used.has(nonce)) return 'replayed_nonce'
    used.set(nonce, seconds)
    return undefined
  }
}
