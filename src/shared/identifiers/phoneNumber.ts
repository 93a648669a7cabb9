import { ParseError, parsePhoneNumberWithError } from 'libphonenumber-js/max'
import { compact, missing, type Read, type Unreadable, wrongCharacter } from './reading.js'

const noun = { az: 'Telefon nömrəsi', en: 'telephone number', ru: 'Номер телефона' }

/**
 * In the form of E.164, "+994…"; without a country it is Azerbaijani. The smaller tables of the package (`min`,
 * `mobile`) take prefixes that nobody has, or refuse every number of a house.
 */
export function readPhoneNumber(text: string): Read {
  const typed = text.trim()
  if (typed === '') return missing('phone_number', noun)
  const letter = /\p{L}/u.exec(typed)
  if (letter) {
    const place = compact(typed.slice(0, letter.index)).length + 1
    return { reason: 'phone_number.character', message: wrongCharacter(place, compact(letter[0]), 'd') }
  }
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

const faults = {
  length: {
    reason: 'phone_number.length',
    message: {
      az: 'Nömrədə rəqəmlər ya azdır, ya da çox: Azərbaycanda bu, +994 və 9 rəqəmdir.',
      en: 'The number has too few or too many digits: in Azerbaijan it is +994 and 9 digits.',
      ru: 'В номере слишком мало или слишком много цифр: в Азербайджане это +994 и 9 цифр.',
    },
  },
  prefix: {
    reason: 'phone_number.prefix',
    message: {
      az: 'Belə başlayan nömrə yoxdur: operatorun və ya şəhərin kodunu, xarici nömrədə + və ölkənin kodunu yoxlayın.',
      en: 'No number begins like this: check the code of the network or town, and + and the country of one abroad.',
      ru: 'Номеров с таким началом нет: проверьте код оператора или города, а у зарубежного + и код страны.',
    },
  },
  country: {
    reason: 'phone_number.country',
    message: {
      az: '+ işarəsindən sonra ölkənin kodu yazılır, məsələn, +994; belə kodu olan ölkə yoxdur.',
      en: 'After + comes the code of a country, such as +994; no country has this one.',
      ru: 'После + идёт код страны, например +994; страны с таким кодом нет.',
    },
  },
  extension: {
    reason: 'phone_number.extension',
    message: {
      az: 'Nömrəni daxili nömrəsiz yazın.',
      en: 'Type the number without its extension.',
      ru: 'Введите номер без добавочного.',
    },
  },
  form: {
    reason: 'phone_number.form',
    message: {
      az: 'Bu, telefon nömrəsi deyil: +994 və 9 rəqəm yazın.',
      en: 'This is no telephone number: type +994 and 9 digits.',
      ru: 'Это не номер телефона: введите +994 и 9 цифр.',
    },
  },
} satisfies Record<string, Unreadable>
