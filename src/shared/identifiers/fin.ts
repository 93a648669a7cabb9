import { type Read, readPattern } from './reading.js'

const kind = { code: 'fin', pattern: 'fffffff' }

/** A person's identification number, theirs for life. No check character of it is known. */
export const readFin = (text: string): Read => readPattern(text, kind)
