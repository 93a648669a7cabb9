import { pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { registries } from '../../agencies/registry.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'

/** The last answer of a registry about a party. Shown while it is fresh, and while the registry is down. */
export const registryAnswers = pgTable(
  'registry_answers',
  {
    id: id(),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    registryId: uuid('registry_id')
      .notNull()
      .references(() => registries.id),
    // Null if the registry has no record.
    record: personal<object>('record'),
    service: text('service').notNull(),
    messageId: text('message_id').notNull(),
    requestHash: text('request_hash'),
    fetchedAt: timestamp('fetched_at', { withTimezone: true }).notNull(),
  },
  ({ partyId, registryId }) => [unique().on(partyId, registryId)],
)

describeTable(registryAnswers, {
  retention: {
    class: 'WITH_ITS_SUBJECT',
    reason: 'The last answer of a registry about a party becomes unreadable with the key of that party.',
  },
})
