import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFin } from '../../../src/shared/identifiers/fin.js'
import { readIban } from '../../../src/shared/identifiers/iban.js'
import { readMrz } from '../../../src/shared/identifiers/mrz.js'
import { readPhoneNumber } from '../../../src/shared/identifiers/phoneNumber.js'
import { readPostalIndex } from '../../../src/shared/identifiers/postalIndex.js'
import type { Read } from '../../../src/shared/identifiers/reading.js'
import { readVoen } from '../../../src/shared/identifiers/voen.js'
import { messageIn } from '../../../src/shared/messages.js'
import { anyCharacter } from '../../support/anyCharacter.js'
import { long } from '../../support/long.js'

const valueIn = (read: Read) => ('value' in read ? read.value : read.reason)
const languages = ['az', 'en', 'ru'] as const
const refusalOf = (read: Read<unknown>) => {
  if ('value' in read) throw new Error('a refusal is required')
  expect(
    languages.map((language) => messageIn(language, read)).filter((text) => /undefined|NaN|^$/.test(text)),
  ).toEqual([])
  return read
}
const english = (read: Read<unknown>) => messageIn('en', refusalOf(read))

describe('readFin', () => {
  it.each(['94FMDDD', '94fmddd', ' 94F-MD DD ', '94F\u00a0MD\u200bDD', '94f–mddd'])('reads %j', (text) => {
    expect(valueIn(readFin(text))).toBe('94FMDDD')
  })

  it.each([
    ['94FMDDO', 'Character 7 of the FİN cannot be “O”; type “0” (zero) instead.'],
    ['94FMDDo', 'Character 7 of the FİN cannot be “O”; type “0” (zero) instead.'],
    ['I4FMDDD', 'Character 1 of the FİN cannot be “I”; type “1” (one) instead.'],
    ['i4FMDDD', 'Character 1 of the FİN cannot be “I”; type “1” (one) instead.'],
    ['İ4FMDDD', 'Character 1 of the FİN cannot be “İ”; type “1” (one) instead.'],
    ['ı4FMDDD', 'Character 1 of the FİN cannot be “ı”; type “1” (one) instead.'],
    ['94FМDDD', 'Character 4 of the FİN cannot be the Cyrillic “М”; type the Latin “M” instead.'],
    ['94FMDDО', 'Character 7 of the FİN cannot be the Cyrillic “О”; type “0” (zero) instead.'],
    ['94FƏDDD', 'Character 4 of the FİN cannot be “Ə”.'],
    ['94F😀DDD', 'Character 4 of the FİN cannot be “😀”.'],
    ['94FMDD', 'A FİN has 7 characters; this has 6.'],
    ['94FMDDD4', 'A FİN has 7 characters; this has 8.'],
    [' - ', 'Enter the FİN.'],
  ])('refuses %j: %s', (text, message) => expect(english(readFin(text))).toBe(message))

  it('refuses in three languages', () => {
    const refused = refusalOf(readFin('94FMDDO'))
    expect([refused.reason, ...languages.map((language) => messageIn(language, refused))]).toEqual([
      'fin.character',
      'FİN, simvol 7: “O” ola bilməz; əvəzinə “0” (sıfır) yazın.',
      'Character 7 of the FİN cannot be “O”; type “0” (zero) instead.',
      'ФИН: символ 7 не может быть “O”; введите “0” (ноль).',
    ])
  })
})

describe('readVoen', () => {
  it.each(['1401555071', '0300293922', ' 14-0155 5071'])('reads %j', (text) => {
    expect(valueIn(readVoen(text))).toBe(text.replace(/\D/g, ''))
  })

  it('restores the leading 0 that a spreadsheet dropped', () =>
    expect(valueIn(readVoen('300293922'))).toBe('0300293922'))

  it.each([
    ['1401555081', 'voen.check_digit'],
    ['1400057424', 'voen.status'],
    ['140155507', 'voen.length'],
    ['14015550710', 'voen.length'],
    ['14O1555071', 'voen.character'],
    ['', 'voen.missing'],
  ])('refuses %j: %s', (text, reason) => expect(refusalOf(readVoen(text)).reason).toBe(reason))

  it('names the letter in the place of a digit', () => {
    expect(english(readVoen('l4O1555071'))).toBe('Character 1 of the VÖEN cannot be “L”; type “1” (one) instead.')
    expect(english(readVoen('14О1555071'))).toBe(
      'Character 3 of the VÖEN cannot be the Cyrillic “О”; type “0” (zero) instead.',
    )
  })

  it('detects each changed digit but the last, which is no part of the check', () => {
    const voen = fc.integer({ min: 0, max: 99_999_999 }).chain((serial) => {
      const digits = String(serial).padStart(8, '0')
      const check = [...digits].reduce((sum, digit, at) => sum + Number(digit) * Number('41862753'[at]), 0) % 11
      return check === 10 ? fc.constant(undefined) : fc.constantFrom(`${digits}${check}1`, `${digits}${check}2`)
    })
    fc.assert(
      fc.property(voen, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 9 }), (valid, place, more) => {
        fc.pre(valid !== undefined)
        expect(valueIn(readVoen(valid))).toBe(valid)
        const changed = `${valid.slice(0, place)}${(Number(valid[place]) + more) % 10}${valid.slice(place + 1)}`
        expect(refusalOf(readVoen(changed)).reason).toBe('voen.check_digit')
      }),
    )
  })
})

describe('readIban', () => {
  const ibans = ['AZ21NABZ00000000137010001944', 'AZ48CTRE00000000000000014001', 'AZ07NABZ01360100000000004944']
  it.each(ibans)('reads %s, grouped or not', (iban) => {
    expect(valueIn(readIban(iban))).toBe(iban)
    expect(valueIn(readIban(iban.toLowerCase().replace(/.{4}/g, '$& ')))).toBe(iban)
  })

  it.each([
    ['AZ21NABZO0000000137010001944', 'Character 9 of the IBAN cannot be “O”; type “0” (zero) instead.'],
    ['AZ21NABZ0000000013701000I944', 'Character 25 of the IBAN cannot be “I”; type “1” (one) instead.'],
    ['AZ2INABZ00000000137010001944', 'Character 4 of the IBAN cannot be “I”; type “1” (one) instead.'],
    ['AZ48CTRE0000000000000001400', 'This IBAN must have 28 characters; it has 27.'],
    ['АZ21NABZ00000000137010001944', 'Character 1 of the IBAN cannot be the Cyrillic “А”; type the Latin “A” instead.'],
    ['AZ21NАBZ00000000137010001944', 'Character 6 of the IBAN cannot be the Cyrillic “А”; type the Latin “A” instead.'],
    ['AZ070ABZ01360100000000004944', 'Character 5 of the IBAN cannot be “0”; type “O” instead.'],
    ['21NABZ00000000137010001944', 'Character 1 of the IBAN cannot be “2”; type “A” instead.'],
    [
      'QQ21NABZ00000000137010001944',
      'An IBAN begins with the two letters of a country, such as AZ; no country has QQ.',
    ],
    [
      'AZ22NABZ00000000137010001944',
      'One of the characters of the IBAN is wrong. Compare it with the bank’s document.',
    ],
  ])('refuses %s: %s', (text, message) => {
    expect(english(readIban(text))).toBe(message)
  })

  it('detects each changed character', () => {
    const changes = fc.tuple(fc.constantFrom(...ibans), fc.integer({ min: 2, max: 27 }), fc.integer({ min: 0, max: 9 }))
    fc.assert(
      fc.property(changes, ([iban, place, digit]) => {
        fc.pre(iban[place] !== String(digit))
        refusalOf(readIban(`${iban.slice(0, place)}${digit}${iban.slice(place + 1)}`))
      }),
    )
  })
})

describe('readPhoneNumber', () => {
  const written = [
    '+994 40 123 45 67',
    '040 123 45 67',
    '(040) 123-45-67',
    '00994401234567',
    '994401234567',
    '40 1234567',
  ]
  it.each(written)('reads %s', (text) => expect(valueIn(readPhoneNumber(text))).toBe('+994401234567'))

  it('reads the prefixes of networks and towns, and refuses others', () => {
    const known = [10, 40, 44, 50, 51, 55, 60, 70, 77, 99, 12, 18, 20, 21, 22, 24, 25, 26, 46]
    expect(known.filter((prefix) => !('value' in readPhoneNumber(`+994 ${prefix} 234 56 78`)))).toEqual([])
    expect('value' in readPhoneNumber('+994 36 541 23 45')).toBe(true)
    for (const prefix of [11, 30, 41, 52, 61, 80])
      expect(refusalOf(readPhoneNumber(`+994 ${prefix} 234 56 78`)).reason).toMatch(/prefix|length/)
  })

  it.each([
    ['O40 123 45 67', 'Character 1 of the telephone number cannot be “O”; type “0” (zero) instead.'],
    ['040 123 45 6б', 'Character 10 of the telephone number cannot be “б”.'],
    ['040 123 45', 'The telephone number has too few or too many digits. In Azerbaijan it is +994 and 9 digits.'],
    [
      '040 123 45 67 78 90 12 34',
      'The telephone number has too few or too many digits. In Azerbaijan it is +994 and 9 digits.',
    ],
    [
      '+994 11 234 56 78',
      'No telephone number begins like this. Check the code of the network or town; abroad, check + and the country code.',
    ],
    ['+999 11 234 56 78', 'No country has this code. Enter + and the code of the country, such as +994.'],
    ['040 123 45 67 #12', 'Enter the telephone number without its extension.'],
    ['()', 'This is not a telephone number. Enter +994 and 9 digits.'],
    [' ', 'Enter the telephone number.'],
  ])('refuses %j: %s', (text, message) => expect(english(readPhoneNumber(text))).toBe(message))
})

describe('readPostalIndex', () => {
  it.each(['AZ1000', 'az 1000', 'AZ-1000', '1000'])('reads %j', (text) => {
    expect(valueIn(readPostalIndex(text))).toBe('AZ1000')
  })
  it.each([
    ['AZ10O0', 'Character 5 of the postal code cannot be “O”; type “0” (zero) instead.'],
    ['A21000', 'Character 2 of the postal code cannot be “2”; type “Z” instead.'],
    ['AZ100', 'A postal code has 6 characters, such as AZ1000; this has 5.'],
  ])('refuses %j: %s', (text, message) => expect(english(readPostalIndex(text))).toBe(message))
})

describe('Each reader of identifiers', () => {
  const readers = { readFin, readVoen, readIban, readPhoneNumber, readPostalIndex }
  const likely = fc
    .array(fc.constantFrom(...'0123456789AZaziıİOoОА<+-()# \n'), { maxLength: 100 })
    .map((characters) => characters.join(''))
  const texts = fc.oneof(fc.string({ unit: anyCharacter }), fc.string(), likely)

  it.each(Object.entries(readers))('%s answers any text, and reads its own result unchanged', (_, read) => {
    fc.assert(
      fc.property(texts, (text) => {
        const found = read(text)
        if ('value' in found) expect(read(found.value)).toEqual(found)
        else refusalOf(found)
      }),
      { numRuns: long ? 1000 : 100 },
    )
  })

  it.each(Object.entries({ ...readers, readMrz }))('%s reads a long text within 200 ms', (_, read) => {
    for (const part of ['A', '1', ' ', '-', '<', 'О', '\n', '(', '+', '#', '\u200b', 'AZ21', '😀', ' 1', ';', '0 ']) {
      const began = performance.now()
      read(part.repeat(100_000 / part.length))
      expect(performance.now() - began).toBeLessThan(200)
    }
  })
})
