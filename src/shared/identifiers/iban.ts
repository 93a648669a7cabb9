import { ValidationErrorsIBAN as Fault, getCountrySpecifications, validateIBAN } from 'ibantools'
import { compact, type Read, readPattern, type Unreadable, wrongCharacter } from './reading.js'

const code = 'iban'
const patterns = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, { chars, IBANRegistry }]) =>
    chars && IBANRegistry ? [[country, `${country}dd${'x'.repeat(chars - 4)}`] as const] : [],
  ),
)
patterns.set('AZ', `AZddllll${'x'.repeat(20)}`)

/** An international bank account number, of any country that has them. */
export function readIban(text: string): Read {
  const typed = compact(text)
  const country = typed.slice(0, 2)
  const pattern = patterns.get(country)
  if (!pattern && /^[A-Z]{2}/.test(typed)) return unknownCountry(country)
  const read = readPattern(typed, { code, pattern: pattern ?? (patterns.get('AZ') as string) })
  if (!('value' in read)) return read
  const { valid, errorCodes } = validateIBAN(read.value)
  if (valid) return read
  return errorCodes.includes(Fault.WrongBBANFormat) ? wrongForm(country) : wrongCheck(read.value)
}

const unknownCountry = (country: string): Unreadable => ({ reason: 'iban.country', params: { country } })
const wrongForm = (country: string): Unreadable => ({ reason: 'iban.form', params: { country } })

function wrongCheck(value: string): Unreadable {
  const place = letterForDigit(value)
  return place ? wrongCharacter(code, place, value[place - 1] ?? '', 'd') : { reason: 'iban.check_digits' }
}

/** The position of a single O or I that makes the IBAN valid as 0 or 1. */
function letterForDigit(value: string): number | undefined {
  const places = [...value.matchAll(/[OI]/g)].flatMap(({ index, 0: letter }) => {
    const mended = `${value.slice(0, index)}${letter === 'O' ? 0 : 1}${value.slice(index + 1)}`
    return validateIBAN(mended).valid ? [index + 1] : []
  })
  return places.length === 1 ? places[0] : undefined
}
