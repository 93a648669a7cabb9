import { index, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import type { Keys } from '../engine/command.js'
import { describeTable } from '../platform/describeTable.js'

/** Idempotency keys. A repeat finds its row instead of running again. Kept as long as the result. */
export const commandKeys = pgTable(
  'command_keys',
  {
    caller: text('caller').notNull(),
    party: text('party').notNull(),
    mutation: text('mutation').notNull(),
    key: text('key').notNull(),
    // A keyed hash, because a plain one could reveal the input; and the id of its key.
    digest: text('digest').notNull(),
    digestKey: text('digest_key').notNull(),
    // Ids of the result by payload field. Null only inside the command's own transaction.
    made: jsonb('made').$type<Record<string, Keys>>(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  ({ caller, party, mutation, key }) => [
    primaryKey({ columns: [caller, party, mutation, key] }),
    // For forgetting a party.
    index().on(party),
  ],
)

describeTable(commandKeys, {
  retention: {
    class: 'WITH_ITS_SUBJECT',
    reason: 'A command repeated with its key finds what it made, as long as that is kept.',
  },
})
