import { sql } from 'drizzle-orm'
import { customType, index, pgTable } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'

// Byte by byte: words are folded to a-z and 0-9, and those with one beginning stand together.
const wordText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })

/** Every word of those texts, to find the ones that look like what was typed. One that has gone stays, and finds nothing. */
export const searchWords = pgTable('search_words', { word: wordText('word').primaryKey() }, ({ word }) => [
  index('search_words_trigrams').using('gin', sql`${word} gin_trgm_ops`),
])

describeTable(searchWords, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'The words by which a service is found.' },
})
