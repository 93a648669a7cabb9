import type { PgColumn } from 'drizzle-orm/pg-core'
import { type Leaf, leaf, propertyOf } from '../engine/declare.js'
import type { Context } from './context.js'
import { LocalizedText } from './localized.js'
import type { Language, Words } from './words.js'

/** A text in the caller's language, otherwise in Azerbaijani. */
export const inTheirLanguage = (column: PgColumn, description: string): Leaf => {
  const property = propertyOf(column)
  const described = {
    description: `${description} In the language of \`Accept-Language\` (az, en, ru).`,
    isSameForAll: true,
  } as const
  return leaf(
    () => String,
    [column],
    (row, { language }: Context) => wordsIn(row[property], language),
    described,
  )
}
export const wordsIn = (words: Words | null, language: Language) => words && (words[language] ?? words.az)

/** The same text in all its languages. */
export const inAllLanguages = (column: PgColumn, description: string): Leaf => {
  const property = propertyOf(column)
  return leaf(
    () => LocalizedText,
    [column],
    (row) => row[property],
    { description },
  )
}
