import { randomBytes } from 'node:crypto'
import { compact } from './identifiers/reading.js'

/** Omits characters that are easily confused when typed. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A secret code: 140 bits, in seven groups of four. */
export function newCode(): string {
  const characters = [...randomBytes(28)].map((byte) => alphabet[byte % alphabet.length]).join('')
  return characters.replace(/.{4}(?=.)/g, '$&-')
}

/** Normalizes grouping, and letters mistaken for digits. */
export const readCode = (text: string): string => compact(text).replace(/[IL]/g, '1').replace(/O/g, '0')

/** Whether the text has the form of a code. */
export const isCode = (read: string): boolean =>
  read.length === 28 && [...read].every((sign) => alphabet.includes(sign))
