import { compact, type Read, readPattern } from './reading.js'

/** AZ and four digits; people often omit the letters. */
export function readPostalIndex(text: string): Read {
  const typed = compact(text)
  return readPattern(/^\d/.test(typed) ? `AZ${typed}` : typed, { code: 'postal_index', pattern: 'AZdddd' })
}
