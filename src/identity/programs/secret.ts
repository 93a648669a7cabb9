import { createHash, randomBytes } from 'node:crypto'

/** A plain hash suffices for a long random secret. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** Secret scanners recognise the prefix. */
export function makeSecret(): { secret: string; secretHash: string } {
  const secret = `pcs_${randomBytes(32).toString('base64url')}`
  return { secret, secretHash: digestOf(secret) }
}
