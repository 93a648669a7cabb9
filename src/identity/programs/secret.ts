import { createHash, randomBytes } from 'node:crypto'

/** Of what is random and long: nobody tries all of it. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** A secret of a program, told once, and what is kept of it. By its beginning, scanners of source code know it. */
export function makeSecret(): { secret: string; secretHash: string } {
  const secret = `pcs_${randomBytes(32).toString('base64url')}`
  return { secret, secretHash: digestOf(secret) }
}
