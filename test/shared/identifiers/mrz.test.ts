import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reasoned } from '../../../src/engine/say.js'
import { type Mrz, readMrz } from '../../../src/shared/identifiers/mrz.js'
import { messageIn } from '../../../src/shared/messages.js'
import { anyCharacter } from '../../support/anyCharacter.js'
import { long } from '../../support/long.js'

const names = 'P<AZEMAMMADOV<<ELNUR'.padEnd(44, '<')
const data = 'C012345672AZE9001158M33032075ABC1D2<<<<<<<04'
const passport = [names, data]
const read = (lines: string[] | string): Mrz => {
  const found = readMrz(typeof lines === 'string' ? lines : lines.join('\n'))
  if ('reason' in found) throw new Error(messageIn('en', found))
  return found.value
}
const saidOf = (refused: Reasoned) => (['az', 'en', 'ru'] as const).map((language) => messageIn(language, refused))
const refusalOf = (lines: string[] | string) => {
  const found = readMrz(typeof lines === 'string' ? lines : lines.join('\n'))
  if ('value' in found) throw new Error('a refusal is required')
  expect(saidOf(found).filter((text) => /undefined|NaN|^$/.test(text))).toEqual([])
  return found
}
const changed = (text: string, place: number, character: string) =>
  text.slice(0, place) + character + text.slice(place + 1)

describe('readMrz', () => {
  const said = {
    format: 'TD3',
    documentCode: 'P',
    issuer: 'AZE',
    documentNumber: 'C01234567',
    nationality: 'AZE',
    sex: 'M',
    birthDate: '900115',
    expiryDate: '330320',
    surname: 'MAMMADOV',
    givenNames: 'ELNUR',
    optional: ['5ABC1D2'],
  }
  it('reads a passport', () => expect(read(passport)).toEqual({ ...said, lines: passport }))

  it.each([
    ['on one line', passport.join('')],
    ['in lower case, with empty lines and spaces', `\r\n  ${passport.join(' \r\n\r\n ').toLowerCase()}\n`],
  ])('reads a passport %s', (_, text) => expect(read(text)).toEqual({ ...said, lines: passport }))

  it('reads nationalities of other lengths: D of Germany, XXA of stateless persons', () => {
    const of = (nationality: string) => read([names, data.replace('AZE', nationality)]).nationality
    expect([of('D<<'), of('XXA')]).toEqual(['D', 'XXA'])
  })

  it('accepts missing optional data without a check digit', () => {
    const fields = ['C01234567', '900115', '330320', '<'.repeat(14)]
    const [number, birth, expiry, optional] = fields.map((field) => `${field}${digitOf(field)}`)
    for (const digit of ['0', '<']) {
      const none = `${optional?.slice(0, 14)}${digit}`
      const line = `${number}AZE${birth}<${expiry}${none}${digitOf(`${number}${birth}${expiry}${none}`)}`
      expect(read([names, line])).toMatchObject({ optional: [], sex: null })
    }
  })

  const second = (place: number, character: string) => [names, changed(data, place, character)]
  it.each([
    ['lines of an unknown length', [names, data.slice(1)], 'mrz.lines'],
    ['one line of two', [names], 'mrz.lines'],
    ['nothing', [''], 'mrz.lines'],
    ['a visa', [`V${names.slice(1)}`, data], 'mrz.character'],
    ['a changed document number', second(3, '4'), 'mrz.check_digit'],
    ['a changed date of birth', second(14, '1'), 'mrz.check_digit'],
    ['a changed date of expiry', second(22, '4'), 'mrz.check_digit'],
    ['changed optional data', second(28, '6'), 'mrz.check_digit'],
    ['a changed last digit', second(43, '5'), 'mrz.check_digit'],
    ['a letter in a date', second(13, 'O'), 'mrz.character'],
    ['a digit in a name', [changed(names, 5, '0'), data], 'mrz.character'],
  ])('refuses %s', (_, lines, reason) => expect(refusalOf(lines).reason).toBe(reason))

  it('names the line and the character of a refusal', () => {
    expect(saidOf(refusalOf(second(15, 'O')))).toEqual([
      'Sətir 2. Simvol 16: “O” ola bilməz; əvəzinə “0” (sıfır) yazın.',
      'Line 2. Character 16 cannot be “O”; type “0” (zero) instead.',
      'Строка 2. Символ 16 не может быть “O”; введите “0” (ноль).',
    ])
    expect(saidOf(refusalOf([names, data.slice(2)]))[1]).toBe(
      'The zone has 2 × 44 characters in a passport and 3 × 30 on a card; this has 2 × 44, 42.',
    )
  })

  it('refuses an impossible date with correct check digits', () => {
    const [number, birth, expiry] = ['C01234567', '901315', '330320'].map((field) => `${field}${digitOf(field)}`)
    const line = `${number}AZE${birth}M${expiry}${'<'.repeat(15)}`
    const composite = digitOf(`${number}${birth}${expiry}${'<'.repeat(15)}`)
    expect(refusalOf([names, line + composite]).reason).toBe('mrz.date')
  })
})

/** ICAO's digit, written a second time: the sum over the places of each weight. */
function digitOf(text: string): number {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const sum = (weight: number, from: number) =>
    [...text]
      .filter((_, at) => at % 3 === from)
      .reduce((all, letter) => all + weight * Math.max(0, alphabet.indexOf(letter)), 0)
  return (sum(7, 0) + sum(3, 1) + sum(1, 2)) % 10
}

it('digitOf of this test computes the check digits that ICAO prints', () => {
  expect(['L898902C3', '740812', '120415'].map(digitOf)).toEqual([6, 2, 9])
})

const upTo = (letters: string, maxLength: number, minLength = 0) =>
  fc.array(fc.constantFrom(...letters), { minLength, maxLength }).map((all) => all.join(''))
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const serials = `0123456789${letters}`
const pad = (text: string, length: number) => text.padEnd(length, '<')
const date = fc.date({ min: new Date('1930-01-01'), max: new Date('2029-12-31'), noInvalidDate: true })
const shortDates = date.map((at) => at.toISOString().slice(2, 10).replaceAll('-', ''))
const holders = fc.record({
  number: upTo(serials, 9, 1),
  optional: upTo(serials, 14),
  birth: shortDates,
  expiry: shortDates,
  sex: fc.constantFrom('F', 'M', '<'),
  surname: upTo(letters, 12, 1),
  given: upTo(letters, 10, 1),
})
type Holder = typeof holders extends fc.Arbitrary<infer T> ? T : never
const checked = (text: string) => `${text}${digitOf(text)}`

const td3Of = ({ number, optional, birth, expiry, sex, surname, given }: Holder) => {
  const parts = [checked(pad(number, 9)), checked(birth), checked(expiry), checked(pad(optional, 14))]
  return [
    pad(`P<AZE${surname}<<${given}`, 44),
    `${parts[0]}AZE${parts[1]}${sex}${parts[2]}${parts[3]}${digitOf(parts.join(''))}`,
  ]
}
const td1Of = ({ number, optional, birth, expiry, sex, surname, given }: Holder, more = '') => {
  const first = more
    ? pad(`${pad(number, 9)}<${checked(pad(number, 9) + more).slice(9)}`, 25)
    : pad(`${checked(pad(number, 9))}${optional}`, 25)
  const [born, until] = [checked(birth), checked(expiry)]
  const last = digitOf(`${first}${born}${until}${'<'.repeat(11)}`)
  return [`I<AZE${first}`, `${born}${sex}${until}AZE${'<'.repeat(11)}${last}`, pad(`${surname}<<${given}`, 30)]
}

describe('readMrz of any holder', () => {
  it.each([
    ['a passport', td3Of],
    ['a card', (holder: Holder) => td1Of(holder)],
  ])('reads %s, and its own result unchanged', (_, zoneOf) => {
    fc.assert(
      fc.property(holders, (holder) => {
        const mrz = read(zoneOf(holder))
        expect(mrz).toMatchObject({
          documentNumber: holder.number,
          birthDate: holder.birth,
          expiryDate: holder.expiry,
          surname: holder.surname,
          givenNames: holder.given,
          sex: holder.sex === '<' ? null : holder.sex,
          optional: holder.optional ? [holder.optional] : [],
        })
        expect(read(mrz.lines)).toEqual(mrz)
      }),
    )
  })

  it('reads a card whose number is longer than its field', () => {
    fc.assert(
      fc.property(holders, upTo(serials, 9, 9), upTo(serials, 5, 1), (holder, number, more) => {
        expect(read(td1Of({ ...holder, number }, more))).toMatchObject({ documentNumber: number + more, optional: [] })
      }),
    )
  })

  it.each([
    [
      'the second line of a passport',
      td3Of,
      1,
      [...Array(10).keys(), 13, 14, 15, 16, 17, 18, 19, ...Array.from({ length: 23 }, (_, at) => at + 21)],
    ],
    ['the first line of a card', (holder: Holder) => td1Of(holder), 0, Array.from({ length: 25 }, (_, at) => at + 5)],
    [
      'the second line of a card',
      (holder: Holder) => td1Of(holder),
      1,
      [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 29],
    ],
  ])('detects a changed digit of %s', (_, zoneOf, line, places) => {
    fc.assert(
      fc.property(holders, fc.constantFrom(...places), fc.integer({ min: 1, max: 9 }), (holder, place, more) => {
        const zone = zoneOf(holder)
        const digit = zone[line]?.[place] ?? ''
        fc.pre(/\d/.test(digit))
        zone[line] = changed(zone[line] ?? '', place, String((Number(digit) + more) % 10))
        expect(refusalOf(zone).reason).toMatch(/^mrz\.check_digit/)
      }),
      { numRuns: long ? 500 : 100 },
    )
  })

  it('answers any text', () => {
    const noise = upTo('<0123456789ABCDOIаıİ \n', 44, 44).chain((a) => upTo('<09AZO', 44, 44).map((b) => `${a}\n${b}`))
    fc.assert(
      fc.property(fc.oneof(noise, fc.string({ unit: anyCharacter, maxLength: 200 })), (text) => {
        const found = readMrz(text)
        if ('value' in found) expect(read(found.value.lines)).toEqual(found.value)
      }),
      { numRuns: long ? 1000 : 100 },
    )
  })
})
