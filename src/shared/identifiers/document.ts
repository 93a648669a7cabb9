import { compact, type Read, readUpTo, wrongLength } from './reading.js'

export const readDocumentNumber = (text: string): Read => readUpTo(20, text, 'document_number')

/** A passport or another document: its issuing country as in the machine-readable zone, and its number. */
export function readDocument(country: string, number: string): Read {
  const land = compact(country)
  if (!/^[A-Z]{1,3}$/.test(land)) return wrongLength('document_country', 3, land.length)
  const read = readDocumentNumber(number)
  return 'value' in read ? { value: `${land}:${read.value}` } : read
}
