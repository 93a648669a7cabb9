import type { Words } from '../words.js'

type Message = Required<Words>
/** What was read of a text, or why it could not be: a name for programs, and words for people that say what to type. */
export type Read<Value = string> = { value: Value } | Unreadable
export interface Unreadable {
  /** "fin.character" */
  reason: string
  message: Message
}

/** Spaces and dashes are how people group characters; invisible ones come along when something is copied. */
const grouping = /[\s\p{Cf}\p{Pd}−]+/gu

/** Without grouping, in capitals. By ASCII alone: the capital of `i` is `İ` in Azerbaijani. */
export const compact = (text: string): string =>
  text.replace(grouping, '').replace(/[a-z]+/g, (letters) => letters.toUpperCase())

export interface Kind {
  /** The first part of every reason. */
  code: string
  noun: Message
  /**
   * What stands in each place: a digit `d`, a letter `l`, either `x`, either without I and O `f`; in zones for machines,
   * which are filled with `<`: a digit `i`, a letter `m`, either `z`, a sex `s`. A capital is itself.
   */
  pattern: string
}
const classes: Record<string, RegExp> = {
  d: /^[0-9]$/,
  l: /^[A-Z]$/,
  x: /^[0-9A-Z]$/,
  f: /^[0-9A-HJ-NP-Z]$/,
  i: /^[0-9<]$/,
  m: /^[A-Z<]$/,
  z: /^[0-9A-Z<]$/,
  s: /^[FM<]$/,
}
const fits = (character: string, expected: string) => classes[expected]?.test(character) ?? character === expected

/** The text in its compact form where it is as the pattern wants it; else the first thing that is wrong. */
export function readPattern(text: string, { code, noun, pattern }: Kind): Read {
  const value = compact(text)
  if (value === '') return missing(code, noun)
  const characters = [...value.slice(0, 2 * pattern.length)]
  const at = characters.slice(0, pattern.length).findIndex((character, at) => !fits(character, pattern[at] ?? ''))
  if (at >= 0)
    return { reason: `${code}.character`, message: wrongCharacter(at + 1, characters[at] ?? '', pattern[at] ?? '') }
  return value.length === pattern.length ? { value } : wrongLength(code, noun, pattern.length, value.length)
}

export const missing = (code: string, noun: Message): Unreadable => ({
  reason: `${code}.missing`,
  message: { az: `${noun.az} yazılmayıb.`, en: `The ${noun.en} is missing.`, ru: `${noun.ru} не указан.` },
})

export const wrongLength = (code: string, noun: Message, length: number, came: number): Unreadable => ({
  reason: `${code}.length`,
  message: {
    az: `${noun.az} ${length} simvoldan ibarətdir; burada ${came} simvol var.`,
    en: `The ${noun.en} has ${length} characters; this has ${came}.`,
    ru: `${noun.ru} состоит из ${length} символов; здесь ${came}.`,
  },
})

/** Of a character, by its place without spaces and dashes: that it cannot stand there, and what is meant. */
export function wrongCharacter(place: number, character: string, expected: string): Message {
  const meant = meantBy(character, expected)
  const [az, en, ru] = twins.has(character) ? ['kiril ', 'the Cyrillic ', 'кириллическая '] : ['', '', '']
  const shown = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? character : '\u{FFFD}'
  const instead = (before: string, language: Language, after = '') =>
    meant ? `${before} ${spoken(meant, character, language)}${after}` : ''
  return {
    az: `Simvol ${place}: ${az}“${shown}” ola bilməz${instead('; əvəzinə', 'az', ' yazın')}.`,
    en: `Character ${place} cannot be ${en}“${shown}”${instead('; type', 'en', ' instead')}.`,
    ru: `Символ ${place}: ${ru}“${shown}” здесь не бывает${instead('; введите', 'ru')}.`,
  }
}

/** Cyrillic letters that look like Latin ones. */
const twins = new Map([...'АВЕКМНОРСТХУІЈЅавекмнорстхуіјѕ'].map((twin, at) => [twin, 'ABEKMHOPCTXYIJS'[at % 15] ?? '']))
const latin = (character: string) => twins.get(character) ?? (/[İı]/.test(character) ? 'I' : character)
const digitFor: Record<string, string> = { O: '0', I: '1', L: '1' }
const letterFor: Record<string, string> = { 0: 'O', 1: 'I' }

/** What somebody meant who typed that where it cannot be; undefined where nobody can tell. */
function meantBy(character: string, expected: string): string | undefined {
  const letter = latin(character)
  const candidates = expected in classes ? [letter, digitFor[letter], letterFor[letter]] : [expected]
  return candidates.find((candidate) => candidate !== undefined && fits(candidate, expected))
}

type Language = keyof Message
const zero = { az: 'sıfır', en: 'zero', ru: 'ноль' }
const one = { az: 'bir', en: 'one', ru: 'один' }
const ofLatin = { az: 'latın ', en: 'the Latin ', ru: 'латинскую ' }
function spoken(meant: string, typed: string, language: Language): string {
  if (meant === '0') return `“0” (${zero[language]})`
  if (meant === '1') return `“1” (${one[language]})`
  return `${/[^ -~]/.test(typed) ? ofLatin[language] : ''}“${meant}”`
}
