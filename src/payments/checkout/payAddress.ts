import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Key, Keyring } from '../../platform/keyring.js'

const path = '/pay'

/** Where a payer pays, and then sees the outcome. It needs no token: whoever has it may pay. */
export const payUrlOf = ({ keyring, origin }: { keyring: Keyring; origin: string }, id: string): string =>
  `${origin}${path}/${id}.${signatureOf(keyring.current('commands'), id).toString('base64url')}`

/** The payment of such an address. Undefined if it is not one of ours. */
export function paymentAt(keyring: Keyring, address: string): string | undefined {
  const [, id, signature] = /^([0-9a-f-]{36})\.([\w-]{43})$/.exec(address) ?? []
  if (id === undefined || signature === undefined) return undefined
  const given = Buffer.from(signature, 'base64url')
  const isOf = (key: Key) => timingSafeEqual(signatureOf(key, id), given)
  return keyring.all('commands').some(isOf) ? id : undefined
}

function signatureOf({ secret }: Key, id: string): Buffer {
  const own = Buffer.from(hkdfSync('sha256', secret, '', 'pencere addresses of payments', 32))
  return createHmac('sha256', own).update(id).digest()
}
