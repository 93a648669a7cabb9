import { index, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { describeTable } from '../platform/describeTable.js'

/** The keys under which commands were given: what a repeat finds instead of doing it again. Kept as long as what was made. */
export const commandKeys = pgTable(
  'command_keys',
  {
    caller: text('caller').notNull(),
    party: text('party').notNull(),
    mutation: text('mutation').notNull(),
    key: text('key').notNull(),
    // A keyed hash of the input, since an input holds what a plain hash would give away; and which key.
    digest: text('digest').notNull(),
    digestKey: text('digest_key').notNull(),
    // The ids of what was made, by their place in the payload. Null only inside the command's own transaction.
    made: jsonb('made').$type<Record<string, string>>(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  ({ caller, party, mutation, key }) => [
    primaryKey({ columns: [caller, party, mutation, key] }),
    // For whoever is forgotten.
    index().on(party),
  ],
)

describeTable(commandKeys, {
  retention: {
    class: 'WITH_ITS_SUBJECT',
    reason: 'A command repeated with its key finds what it made, as long as that is kept.',
  },
})
