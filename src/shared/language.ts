import { sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { asked, type Leaf, leaf, propertyOf } from '../engine/declare.js'
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
    { ...described, sql: (row) => sql`coalesce(${row[property]} ->> ${language}::text, ${row[property]} ->> 'az')` },
  )
}
const language = asked(({ language }: Context) => language)
export const wordsIn = (words: Words | null, language: Language) => words && (words[language] ?? words.az)

/** The same text in all its languages. */
export const inAllLanguages = (column: PgColumn, description: string): Leaf => {
  const property = propertyOf(column)
  return leaf(
    () => LocalizedText,
    [column],
    (row) => row[property],
    {
      description,
      sql: ({ [property]: words }) => ({
        isPresent: sql`${words} is not null`,
        parts: { az: sql`${words} ->> 'az'`, en: sql`${words} ->> 'en'`, ru: sql`${words} ->> 'ru'` },
      }),
    },
  )
}
