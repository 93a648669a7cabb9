import { index, pgEnum, pgTable, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { blindIndex, personal } from '../../platform/personal.js'
import { parties } from './party.table.js'

export enum IdentifierType {
  FIN = 'FIN',
  VOEN = 'VOEN',
  /** Of who has no FİN: the issuing country and the number of a passport or another document. */
  DOCUMENT = 'DOCUMENT',
}

export const identifierType = pgEnum('identifier_type', IdentifierType)

/** The one place that knows a party by what the world calls it. All else holds the party's id. */
export const identifiers = pgTable(
  'identifiers',
  {
    id: id(),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    type: identifierType('type').notNull(),
    value: personal('value').notNull(),
    // Of the type and the value: a FİN and a document may be written alike.
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
