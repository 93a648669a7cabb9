import { compact, type Read, readPattern, type Unreadable } from './reading.js'

const kind = { code: 'voen', pattern: 'dddddddddd' }
const weights = [4, 1, 8, 6, 2, 7, 5, 3]

/** A taxpayer's number: territory (2 digits), serial (6), check digit, and 1 for a legal or 2 for a natural person. */
export function readVoen(text: string): Read {
  const typed = compact(text)
  // Spreadsheets read it as a number, and drop a leading 0.
  const lostZero = /^\d{9}$/.test(typed)
  const read = readPattern(lostZero ? `0${typed}` : typed, kind)
  if (!('value' in read)) return read
  const digits = [...read.value].map(Number)
  // A check digit of 10 does not exist: such serials are not issued.
  const check = weights.reduce((sum, weight, place) => sum + weight * (digits[place] ?? 0), 0) % 11
  const fault = check !== digits[8] ? wrongCheck : digits[9] !== 1 && digits[9] !== 2 ? wrongStatus : undefined
  if (!fault) return read
  return lostZero ? nineDigits : fault
}

const wrongCheck: Unreadable = { reason: 'voen.check_digit' }
const nineDigits: Unreadable = { reason: 'voen.length', params: { allowed: 10, found: 9 } }
const wrongStatus: Unreadable = { reason: 'voen.status' }
