import { createRequire } from 'node:module'
import type * as Phones from 'libphonenumber-js/max'
import { compact, type Read, type Unreadable, wrongCharacter } from './reading.js'

/**
 * E.164 format, "+994…". Without a country code it is Azerbaijani. The package's smaller tables (`min`, `mobile`)
 * accept unassigned prefixes or reject all landlines.
 */
export function readPhoneNumber(text: string): Read {
  const typed = text.trim()
  if (typed === '') return { reason: 'phone_number.missing' }
  const letter = /\p{L}/u.exec(typed)
  if (letter) {
    const place = compact(typed.slice(0, letter.index)).length + 1
    return wrongCharacter('phone_number', place, compact(letter[0]), 'd')
  }
  const { ParseError, parsePhoneNumberWithError } = loadPhones()
  try {
    const number = parsePhoneNumberWithError(typed, 'AZ')
    if (number.ext) return faults.extension
    if (number.isValid()) return { value: number.number }
    return number.isPossible() ? faults.prefix : faults.length
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return { INVALID_COUNTRY: faults.country, NOT_A_NUMBER: faults.form }[error.message] ?? faults.length
  }
}

/** At the first number, because a start reads none. */
function loadPhones(): typeof Phones {
  return createRequire(import.meta.url)('libphonenumber-js/max')
}

const faults = {
  length: { reason: 'phone_number.length' },
  prefix: { reason: 'phone_number.prefix' },
  country: { reason: 'phone_number.country' },
  extension: { reason: 'phone_number.extension' },
  form: { reason: 'phone_number.form' },
} satisfies Record<string, Unreadable>
