import { compact, type Read, readPattern } from './reading.js'

const noun = { az: 'Poçt indeksi', en: 'postal index', ru: 'Почтовый индекс' }

/** AZ and four digits; people leave the letters out. */
export function readPostalIndex(text: string): Read {
  const typed = compact(text)
  return readPattern(/^\d/.test(typed) ? `AZ${typed}` : typed, { code: 'postal_index', noun, pattern: 'AZdddd' })
}
