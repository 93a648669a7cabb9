import type { UserError } from '../engine/userError.js'
import type { LocalizedInput } from './localized.js'

import { invalid, missing } from './userErrors.js'

/** Maximum number of characters. Names are indexed, and index rows are short. */
export const longest = { name: 500, prose: 4000, reference: 500 }
/** The limits in words, for the schema. */
export const upTo = {
  name: `At most ${longest.name} characters in each language.`,
  prose: `At most ${longest.prose} characters in each language.`,
  reference: `At most ${longest.reference} characters.`,
}

/** Excludes half surrogate pairs, which UTF-8 lacks, and U+0000, which PostgreSQL cannot store. */
const halfOrNone = /\p{Surrogate}|\0/u
export const isWhole = (text: string) => !halfOrNone.test(text)

/** A given text is not blank, not too long, and valid Unicode. */
export function userErrorsInText(
  field: readonly string[],
  text: string | null | undefined,
  most: number,
  whenBlank = 'text.missing',
): UserError[] {
  if (text == null) return []
  if (!isWhole(text)) return [invalid('text.broken', field)]
  if (text.trim() === '') return [missing(whenBlank, field)]
  return text.length > most ? [invalid('text.too_long', field, { most, found: text.length })] : []
}

/** The same in each language. */
export const userErrorsInWords = (
  field: readonly string[],
  words: LocalizedInput | null | undefined,
  most: number,
): UserError[] =>
  words ? (['az', 'en', 'ru'] as const).flatMap((name) => userErrorsInText([...field, name], words[name], most)) : []
