import { compact, type Read, readPattern, wrongLength } from './reading.js'

const longest = 20

/** A passport or another document: its issuing country as in the machine-readable zone, and its number. */
export function readDocument(country: string, number: string): Read {
  const land = compact(country)
  if (!/^[A-Z]{1,3}$/.test(land)) return wrongLength('document_country', 3, land.length)
  const { length } = compact(number)
  if (length > longest) return wrongLength('document_number', longest, length)
  const read = readPattern(number, { code: 'document_number', pattern: 'x'.repeat(length) })
  return 'value' in read ? { value: `${land}:${read.value}` } : read
}
