import { randomBytes } from 'node:crypto'
import { compact } from './identifiers/reading.js'

/** Of what is typed off: without the characters that look like others. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** What opens something to whoever was told it: 140 bits, in seven groups of four. */
export function newCode(): string {
  const characters = [...randomBytes(28)].map((byte) => alphabet[byte % alphabet.length]).join('')
  return characters.replace(/.{4}(?=.)/g, '$&-')
}

/** The same however it was grouped, and whatever was taken for a digit. */
export const readCode = (text: string): string => compact(text).replace(/[IL]/g, '1').replace(/O/g, '0')

/** Whether what was read has the form of one. */
export const isCode = (read: string): boolean =>
  read.length === 28 && [...read].every((sign) => alphabet.includes(sign))
