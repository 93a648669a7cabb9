import { randomBytes } from 'node:crypto'
import { digestOf } from './program.js'

/** A secret of a program, told once, and what is kept of it. By its beginning, scanners of source code know it. */
export function makeSecret(): { secret: string; secretHash: string } {
  const secret = `pcs_${randomBytes(32).toString('base64url')}`
  return { secret, secretHash: digestOf(secret) }
}
