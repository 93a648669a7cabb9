import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Key, Keyring } from '../../platform/keyring.js'

/** What an address is good for: to send the bytes of an upload, or to fetch a file. */
export type Way = 'uploads' | 'files'

/** What stands behind the `?` of one. */
export interface Signed {
  expires?: unknown
  signature?: unknown
}

/** A path on this API that is its own right: whoever has it needs no token, until that moment. By the node id of what it is of. */
export function addressOf(keyring: Keyring, way: Way, id: string, until: Date): string {
  const expires = String(Math.floor(until.getTime() / 1000))
  const signature = signatureOf(keyring.current('commands'), way, id, expires).toString('base64url')
  return `/${way}/${id}?expires=${expires}&signature=${signature}`
}

/** Milliseconds that an address to fetch from is good for. */
const fetchLife = 300_000
/** Where a file is fetched, from then on for five minutes. */
export const fileAddressOf = (keyring: Keyring, id: string, now: Date): string =>
  addressOf(keyring, 'files', id, new Date(now.getTime() + fetchLife))
/** For whoever reads the schema. */
export const fetched =
  'a path of this API for a GET without a token, good for five minutes. It is for saving and is never shown as a page.'

/** Why an address is not believed; undefined where it is. */
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
