import { index, pgEnum, pgTable, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { blindIndex, personal } from '../../platform/personal.js'
import { parties } from './party.table.js'

export enum IdentifierType {
  FIN = 'FIN',
  VOEN = 'VOEN',
  /** Issuing country and number of a passport or another document, for a person without a FİN. */
  DOCUMENT = 'DOCUMENT',
}

export const identifierType = pgEnum('identifier_type', IdentifierType)

/** Official identifiers of parties. All other tables have the party's ID only. */
export const identifiers = pgTable(
  'identifiers',
  {
    id: id(),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    type: identifierType('type').notNull(),
    value: personal('value').notNull(),
    // Includes the type, because a FİN and a document number may be equal.
    valueIndex: blindIndex('value_index'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  ({ partyId, valueIndex }) => [unique().on(valueIndex), index().on(partyId)],
)

describeTable(identifiers, {
  retention: {
    class: 'WITH_ITS_SUBJECT',
    reason: 'A party is found by its identifiers. Forgetting the party makes them unreadable.',
  },
  server: { delete: false },
})
