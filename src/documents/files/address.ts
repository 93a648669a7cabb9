import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Key, Keyring } from '../../platform/keyring.js'
import type { Timings } from '../../platform/timings.js'

/** The purpose of a signed URL: to upload or to download a file, or the same for a batch of filings. */
export type Way = 'uploads' | 'files' | 'filing-batches' | 'filing-results'

/** The query parameters of a signed URL. */
export interface Signed {
  expires?: unknown
  signature?: unknown
}

interface Serving {
  keyring: Keyring
  origin: string
}

/** A URL of this API that needs no token and expires. `id` is the node id of the upload or file. */
export function signedUrl({ keyring, origin }: Serving, way: Way, id: string, until: Date): string {
  const expires = String(Math.floor(until.getTime() / 1000))
  const signature = signatureOf(keyring.current('commands'), way, id, expires).toString('base64url')
  return `${origin}/${way}/${id}?expires=${expires}&signature=${signature}`
}

export const downloadUrlOf = (
  serving: Serving & { now(): Date; timings: Timings },
  id: string,
  way: Way = 'files',
): string => signedUrl(serving, way, id, new Date(serving.now().getTime() + serving.timings.downloadUrlLifetime))
/** For schema descriptions. */
export const fetched =
  'Absolute URL for a GET without a token. Expires after five minutes. The response is always a download, never a page.'

/** Why a URL is invalid. Undefined if it is valid. */
export function disbelief(
  keyring: Keyring,
  way: Way,
  id: string,
  { expires, signature }: Signed,
  now: Date,
): 'forged' | 'expired' | undefined {
  if (typeof expires !== 'string' || typeof signature !== 'string') return 'forged'
  const given = Buffer.from(signature, 'base64url')
  const isOf = (key: Key) => {
    const own = signatureOf(key, way, id, expires)
    return own.length === given.length && timingSafeEqual(own, given)
  }
  if (!keyring.all('commands').some(isOf)) return 'forged'
  return Number(expires) * 1000 < now.getTime() ? 'expired' : undefined
}

const signatureOf = ({ secret }: Key, way: Way, id: string, expires: string): Buffer => {
  const own = Buffer.from(hkdfSync('sha256', secret, '', 'pencere addresses of files', 32))
  return createHmac('sha256', own)
    .update(JSON.stringify([way, id, expires]))
    .digest()
}
