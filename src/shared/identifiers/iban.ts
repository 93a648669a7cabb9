import { ValidationErrorsIBAN as Fault, getCountrySpecifications, validateIBAN } from 'ibantools'
import { compact, type Read, readPattern, type Unreadable, wrongCharacter } from './reading.js'

const kind = { code: 'iban', noun: { az: 'IBAN', en: 'IBAN', ru: 'IBAN' } }
const patterns = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, { chars, IBANRegistry }]) =>
    chars && IBANRegistry ? [[country, `${country}dd${'x'.repeat(chars - 4)}`] as const] : [],
  ),
)
patterns.set('AZ', `AZddllll${'x'.repeat(20)}`)

/** The number of a bank account, of any country that has such numbers. */
export function readIban(text: string): Read {
  const typed = compact(text)
  const country = typed.slice(0, 2)
  const pattern = patterns.get(country)
  if (!pattern && /^[A-Z]{2}/.test(typed)) return unknownCountry(country)
  const read = readPattern(typed, { ...kind, pattern: pattern ?? (patterns.get('AZ') as string) })
  if (!('value' in read)) return read
  const { valid, errorCodes } = validateIBAN(read.value)
  if (valid) return read
  return errorCodes.includes(Fault.WrongBBANFormat) ? wrongForm(country) : wrongCheck(read.value)
}

const unknownCountry = (country: string): Unreadable => ({
  reason: 'iban.country',
  message: {
    az: `IBAN ölkənin iki hərfi ilə başlayır, məsələn, AZ; ${country} ilə başlayan IBAN yoxdur.`,
    en: `An IBAN begins with the two letters of a country, such as AZ; none begins with ${country}.`,
    ru: `IBAN начинается с двух букв страны, например AZ; с ${country} не начинается ни один.`,
  },
})
const wrongForm = (country: string): Unreadable => ({
  reason: 'iban.form',
  message: {
    az: `${country} ilə başlayan IBAN belə qurulmur: onu bankın sənədi ilə tutuşdurun.`,
    en: `An IBAN that begins with ${country} is not built like this; compare it with the bank's paper.`,
    ru: `IBAN, который начинается с ${country}, устроен не так; сверьте его с документом банка.`,
  },
})

function wrongCheck(value: string): Unreadable {
  const place = letterForDigit(value)
  if (place) return { reason: 'iban.character', message: wrongCharacter(place, value[place - 1] ?? '', 'd') }
  return {
    reason: 'iban.check_digits',
    message: {
      az: 'IBAN-ın simvollarından biri səhvdir: onu bankın sənədi ilə tutuşdurun.',
      en: "One of the characters of the IBAN is wrong; compare it with the bank's paper.",
      ru: 'Один из символов IBAN неверен; сверьте его с документом банка.',
    },
  }
}

/** The place of the one O or I that makes it an IBAN when 0 or 1 is typed instead. */
function letterForDigit(value: string): number | undefined {
  const places = [...value.matchAll(/[OI]/g)].flatMap(({ index, 0: letter }) => {
    const mended = `${value.slice(0, index)}${letter === 'O' ? 0 : 1}${value.slice(index + 1)}`
    return validateIBAN(mended).valid ? [index + 1] : []
  })
  return places.length === 1 ? places[0] : undefined
}
