import { jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'

/** Everyday words for the terms of the catalogue. */
export const searchSynonyms = pgTable('search_synonyms', {
  id: id(),
  code: text('code').notNull().unique(),
  // Folded. Each is a word or a phrase.
  said: text('said').array().notNull(),
  means: text('means').array().notNull(),
  note: text('note').notNull(),
  seeded: jsonb('seeded'),
})

describeTable(searchSynonyms, {
  retention: { class: 'PERMANENT', reason: 'The catalogue is kept completely.' },
})
