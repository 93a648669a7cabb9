import { sql } from 'drizzle-orm'
import { customType, index, jsonb, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { id } from '../../platform/id.js'

export enum SearchField {
  CODE = 'CODE',
  NAME = 'NAME',
  DESCRIPTION = 'DESCRIPTION',
  AGENCY = 'AGENCY',
  LIFE_EVENT = 'LIFE_EVENT',
}

export enum SearchLanguage {
  AZ = 'AZ',
  EN = 'EN',
  RU = 'RU',
}

export const searchField = pgEnum('search_field', SearchField)
export const searchLanguage = pgEnum('search_language', SearchLanguage)

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** Texts that services are found by, once for what they are of. Triggers keep them; nothing else writes here. */
export const searchTexts = pgTable(
  'search_texts',
  {
    // A service, an agency or a life event.
    owner: uuid('owner').notNull(),
    field: searchField('field').notNull(),
    // Null for a code, which is in none.
    language: searchLanguage('language'),
    text: text('text').notNull(),
    lexemes: tsvector('lexemes').notNull(),
  },
  ({ owner, field, language, lexemes }) => [
    unique('search_texts_key').on(owner, field, language).nullsNotDistinct(),
    index('search_texts_lexemes').using('gin', lexemes),
  ],
)

// Byte by byte: words are folded to a-z and 0-9, and those with one beginning stand together.
const wordText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })

/** Every word of those texts, to find the ones that look like what was typed. One that has gone stays, and finds nothing. */
export const searchWords = pgTable('search_words', { word: wordText('word').primaryKey() }, ({ word }) => [
  index('search_words_trigrams').using('gin', sql`${word} gin_trgm_ops`),
])

/** What people say for what the texts call otherwise. */
export const searchSynonyms = pgTable('search_synonyms', {
  id: id(),
  code: text('code').notNull().unique(),
  // Folded, each one word or several.
  said: text('said').array().notNull(),
  means: text('means').array().notNull(),
  note: text('note').notNull(),
  seeded: jsonb('seeded'),
})
