import { type Read, readPattern } from './reading.js'

const kind = { code: 'fin', pattern: 'fffffff' }

/** A person's identification number, valid for life. It has no known check character. */
export const readFin = (text: string): Read => readPattern(text, kind)
