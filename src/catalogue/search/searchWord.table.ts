import { sql } from 'drizzle-orm'
import { customType, index, pgTable } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'

// Compared byte by byte: folded words have only a-z and 0-9, and equal beginnings are adjacent.
const wordText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })

/** Every word of the search texts, to find those similar to a typed word. An unused word stays and finds nothing. */
export const searchWords = pgTable('search_words', { word: wordText('word').primaryKey() }, ({ word }) => [
  // A list of pending entries is read at each search, which then takes a hundred times as long until the next vacuum.
  index('search_words_trigrams').using('gin', sql`${word} gin_trgm_ops`).with({ fastupdate: false }),
])

describeTable(searchWords, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'The words by which a service is found.' },
})
