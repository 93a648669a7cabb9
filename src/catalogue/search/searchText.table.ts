import { customType, index, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'

export enum SearchField {
  CODE = 'CODE',
  NAME = 'NAME',
  DESCRIPTION = 'DESCRIPTION',
  SEARCH_WORDS = 'SEARCH_WORDS',
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

/** The searchable texts of services, agencies and life events. Only triggers write here. */
export const searchTexts = pgTable(
  'search_texts',
  {
    // A service, an agency or a life event.
    owner: uuid('owner').notNull(),
    field: searchField('field').notNull(),
    // Null for a code.
    language: searchLanguage('language'),
    text: text('text').notNull(),
    lexemes: tsvector('lexemes').notNull(),
  },
  ({ owner, field, language, lexemes }) => [
    unique('search_texts_key').on(owner, field, language).nullsNotDistinct(),
    // As in `search_words`.
    index('search_texts_lexemes').using('gin', lexemes).with({ fastupdate: false }),
  ],
)

describeTable(searchTexts, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'The texts by which a service is found.' },
})
