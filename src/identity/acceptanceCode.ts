import { randomBytes, timingSafeEqual } from 'node:crypto'
import { compact } from '../shared/identifiers/reading.js'
import { digestOf } from './secret.js'

/** Of a letter that is typed off: without the characters that look like others. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** 140 bits, in seven groups of four. */
export function newAcceptanceCode(): string {
  const characters = [...randomBytes(28)].map((byte) => alphabet[byte % alphabet.length]).join('')
  return characters.replace(/.{4}(?=.)/g, '$&-')
}

/** However it was grouped, and whatever was taken for a digit. */
export const hashOfCode = (text: string): string => digestOf(compact(text).replace(/[IL]/g, '1').replace(/O/g, '0'))

export const isCodeOf = (hash: string, text: string): boolean =>
  timingSafeEqual(Buffer.from(hash), Buffer.from(hashOfCode(text)))
