import { phrase } from '../userErrors.js'
import { compact, type Read, readPattern, type Unreadable } from './reading.js'

/** The machine-readable zone of a travel document. Names are in Latin letters, as in the document. */
export interface Mrz {
  /** TD3: a passport. TD1: a card. */
  format: 'TD1' | 'TD3'
  documentCode: string
  issuer: string
  documentNumber: string
  /** ISO 3166, or ICAO's own: D for Germany, XXA stateless, XXB and XXC refugees. */
  nationality: string
  /** YYMMDD without the century; unknown parts are `<`. */
  birthDate: string
  sex: 'F' | 'M' | null
  /** YYMMDD. */
  expiryDate: string
  surname: string
  givenNames: string
  /** Optional data of the issuer. */
  optional: string[]
  lines: string[]
}

/**
 * Reads the zone of a passport or card by ICAO Doc 9303. Our own code, because the package `mrz` rejects ICAO's
 * specimen. Zones of visas look similar and are refused.
 */
export function readMrz(text: string): Read<Mrz> {
  const lines = linesOf(text)
  const format = formats.find(({ length, patterns }) => shapeOf(lines) === `${patterns.length} × ${length}`)
  if (!format) return wrongLines(shapeOf(lines))
  for (const [at, pattern] of format.patterns.entries()) {
    const read = readPattern(lines[at] ?? '', { code: 'mrz', pattern })
    if (!('value' in read)) return { ...read, params: { ...read.params, line: at + 1 } }
  }
  const { mrz, checks } = format.read(lines)
  const failed = checks.find(({ checked, digit }) => checkDigit(checked) !== worth(digit))
  if (failed) return wrongDigit(failed.field)
  for (const field of ['birthDate', 'expiryDate'] as const) if (!isDate.test(mrz[field])) return wrongDate(field)
  return { value: mrz }
}

interface Format {
  length: number
  patterns: string[]
  read(lines: string[]): { mrz: Mrz; checks: Check[] }
}
/** A check digit, and the characters it covers. */
interface Check {
  field: keyof typeof fieldNames
  checked: string
  digit: string
}

const formats: Format[] = [
  {
    length: 44,
    patterns: [`Pmmmm${'m'.repeat(39)}`, `${'z'.repeat(9)}dmmmiiiiiidsdddddddz${'z'.repeat(13)}id`],
    read: readTd3,
  },
  {
    length: 30,
    patterns: [`lmmmm${'z'.repeat(9)}i${'z'.repeat(15)}`, `iiiiiidsdddddddmmm${'z'.repeat(11)}d`, 'm'.repeat(30)],
    read: readTd1,
  },
]

function readTd3(lines: string[]): { mrz: Mrz; checks: Check[] } {
  const [first = '', second = ''] = lines
  const [number, birth, expiry, optional] = [
    second.slice(0, 9),
    second.slice(13, 19),
    second.slice(21, 27),
    second.slice(28, 42),
  ]
  return {
    mrz: {
      format: 'TD3',
      documentCode: unfilled(first.slice(0, 2)),
      issuer: unfilled(first.slice(2, 5)),
      documentNumber: unfilled(number),
      nationality: unfilled(second.slice(10, 13)),
      birthDate: birth,
      sex: sexOf(second.charAt(20)),
      expiryDate: expiry,
      ...namesOf(first.slice(5)),
      optional: present(optional),
      lines,
    },
    checks: [
      { field: 'documentNumber', checked: number, digit: second.charAt(9) },
      { field: 'birthDate', checked: birth, digit: second.charAt(19) },
      { field: 'expiryDate', checked: expiry, digit: second.charAt(27) },
      { field: 'optional', checked: optional, digit: second.charAt(42) },
      {
        field: 'composite',
        checked: second.slice(0, 10) + second.slice(13, 20) + second.slice(21, 43),
        digit: second.charAt(43),
      },
    ],
  }
}

function readTd1(lines: string[]): { mrz: Mrz; checks: Check[] } {
  const [first = '', second = '', third = ''] = lines
  // A number of more than nine characters continues at the position of its check digit, and ends with it.
  const [, more = '', digit = first.charAt(14)] =
    (first.charAt(14) === '<' && /^([^<]*)(\d)(?=<|$)/.exec(first.slice(15))) || []
  const number = first.slice(5, 14) + more
  const optional = first.slice(15 + (first.charAt(14) === '<' && digit !== '<' ? more.length + 1 : 0))
  const [birth, expiry] = [second.slice(0, 6), second.slice(8, 14)]
  return {
    mrz: {
      format: 'TD1',
      documentCode: unfilled(first.slice(0, 2)),
      issuer: unfilled(first.slice(2, 5)),
      documentNumber: unfilled(number),
      nationality: unfilled(second.slice(15, 18)),
      birthDate: birth,
      sex: sexOf(second.charAt(7)),
      expiryDate: expiry,
      ...namesOf(third),
      optional: [...present(optional), ...present(second.slice(18, 29))],
      lines,
    },
    checks: [
      { field: 'documentNumber', checked: number, digit },
      { field: 'birthDate', checked: birth, digit: second.charAt(6) },
      { field: 'expiryDate', checked: expiry, digit: second.charAt(14) },
      {
        field: 'composite',
        checked: first.slice(5) + second.slice(0, 7) + second.slice(8, 15) + second.slice(18, 29),
        digit: second.charAt(29),
      },
    ],
  }
}

/** Weights 7, 3, 1, repeated. */
const checkDigit = (text: string) =>
  [...text].reduce((sum, character, at) => sum + worth(character) * ([7, 3, 1][at % 3] ?? 0), 0) % 10
const worth = (character: string) => (character === '<' ? 0 : Number.parseInt(character, 36))

/** People paste the lines as one, or with empty lines between. */
function linesOf(text: string): string[] {
  const lines = text
    .split(/[\r\n]+/)
    .map(compact)
    .filter(Boolean)
  const [only = ''] = lines
  const length = lines.length === 1 ? { 88: 44, 90: 30 }[only.length] : undefined
  return length
    ? Array.from({ length: only.length / length }, (_, at) => only.slice(at * length, (at + 1) * length))
    : lines
}
function shapeOf(lines: string[]): string {
  const lengths = [...new Set(lines.map((line) => line.length))]
  return `${lines.length} × ${lengths.slice(0, 3).join(', ') || 0}`
}

const unfilled = (text: string) => text.replaceAll('<', ' ').trim()
const present = (text: string) => [unfilled(text)].filter(Boolean)
const sexOf = (character: string) => (character === 'F' || character === 'M' ? character : null)
function namesOf(field: string): Pick<Mrz, 'surname' | 'givenNames'> {
  const [surname = '', ...given] = field.split('<<')
  return { surname: unfilled(surname), givenNames: unfilled(given.join('<')) }
}
const isDate = /^(\d\d|<<)(0[1-9]|1[0-2]|<<)(0[1-9]|[12]\d|3[01]|<<)$/

const fieldNames = {
  documentNumber: phrase('mrz.field_document_number'),
  birthDate: phrase('mrz.field_birth_date'),
  expiryDate: phrase('mrz.field_expiry_date'),
  optional: phrase('mrz.field_optional'),
  composite: phrase('mrz.field_composite'),
}
const wrongLines = (shape: string): Unreadable => ({ reason: 'mrz.lines', params: { shape } })
const wrongDigit = (field: keyof typeof fieldNames): Unreadable => ({
  reason: 'mrz.check_digit',
  params: { field: fieldNames[field] },
})
const wrongDate = (field: 'birthDate' | 'expiryDate'): Unreadable => ({
  reason: 'mrz.date',
  params: { field: fieldNames[field] },
})
