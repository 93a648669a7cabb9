import { compact, type Read, readPattern, wrongLength } from './reading.js'

const noun = { az: 'Sənəd nömrəsi', en: 'document number', ru: 'Номер документа' }
const longest = 20

/** A passport or another document, by its issuing country as it stands in the zone for machines, and its number. */
export function readDocument(country: string, number: string): Read {
  const land = compact(country)
  if (!/^[A-Z]{1,3}$/.test(land)) {
    const wrong = { az: 'Ölkə', en: 'country', ru: 'Код страны' }
    return wrongLength('document.country', wrong, 3, land.length)
  }
  const { length } = compact(number)
  if (length > longest) return wrongLength('document', noun, longest, length)
  const read = readPattern(number, { code: 'document', noun, pattern: 'x'.repeat(length) })
  return 'value' in read ? { value: `${land}:${read.value}` } : read
}
