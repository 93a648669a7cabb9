import type { Param, Reasoned } from '../../engine/say.js'
import { phrase } from '../userErrors.js'

/** The value of a text, or the reason why it is invalid: `fin.character`. */
export type Read<Value = string> = { value: Value } | Unreadable
export type Unreadable = Reasoned

/** People group characters with spaces and dashes; copying adds invisible ones. */
const grouping = /[\s\p{Cf}\p{Pd}−]+/gu

/** Removes grouping and converts to capitals. ASCII only: the capital of `i` is `İ` in Azerbaijani. */
export const compact = (text: string): string =>
  text.replace(grouping, '').replace(/[a-z]+/g, (letters) => letters.toUpperCase())

export interface Kind {
  /** The prefix of every reason. */
  code: string
  /**
   * The pattern, position by position: a digit `d`, a letter `l`, either `x`, either without I and O `f`. In
   * machine-readable zones, which are filled with `<`: a digit `i`, a letter `m`, either `z`, a sex `s`. A capital
   * matches itself.
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

/** The compact form of a valid text, otherwise its first error. */
export function readPattern(text: string, { code, pattern }: Kind): Read {
  const value = compact(text)
  if (value === '') return { reason: `${code}.missing` }
  const characters = [...value.slice(0, 2 * pattern.length)]
  const at = characters.slice(0, pattern.length).findIndex((character, at) => !fits(character, pattern[at] ?? ''))
  if (at >= 0) return wrongCharacter(code, at + 1, characters[at] ?? '', pattern[at] ?? '')
  return value.length === pattern.length ? { value } : wrongLength(code, pattern.length, value.length)
}

/** Like `readPattern`, for Latin letters and digits of any length up to the longest. */
export function readUpTo(longest: number, text: string, code: string): Read {
  const { length } = compact(text)
  return length > longest
    ? wrongLength(code, longest, length)
    : readPattern(text, { code, pattern: 'x'.repeat(length) })
}

export const wrongLength = (code: string, allowed: number, found: number): Unreadable => ({
  reason: `${code}.length`,
  params: { allowed, found },
})

/** An invalid character, by its position without spaces and dashes, and the likely intended one. */
export function wrongCharacter(code: string, place: number, character: string, expected: string): Unreadable {
  const meant = meantBy(character, expected)
  const typed = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? character : '\u{FFFD}'
  return {
    reason: `${code}.character`,
    params: {
      place,
      typed: twins.has(character) ? phrase('character.cyrillic', { character: typed }) : `“${typed}”`,
      instead: meant === undefined ? '' : phrase('character.instead', { meant: named(meant, character) }),
    },
  }
}

/** Cyrillic letters that look like Latin ones. */
const twins = new Map([...'АВЕКМНОРСТХУІЈЅавекмнорстхуіјѕ'].map((twin, at) => [twin, 'ABEKMHOPCTXYIJS'[at % 15] ?? '']))
const latin = (character: string) => twins.get(character) ?? (/[İı]/.test(character) ? 'I' : character)
const digitFor: Record<string, string> = { O: '0', I: '1', L: '1' }
const letterFor: Record<string, string> = { 0: 'O', 1: 'I' }

/** The character probably meant instead of an invalid one. Undefined if unknown. */
function meantBy(character: string, expected: string): string | undefined {
  const letter = latin(character)
  const candidates = expected in classes ? [letter, digitFor[letter], letterFor[letter]] : [expected]
  return candidates.find((candidate) => candidate !== undefined && fits(candidate, expected))
}

function named(meant: string, typed: string): Param {
  if (meant === '0') return phrase('character.zero')
  if (meant === '1') return phrase('character.one')
  return /[^ -~]/.test(typed) ? phrase('character.latin', { character: meant }) : `“${meant}”`
}
