import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'

export enum PartyKind {
  NATURAL_PERSON = 'NATURAL_PERSON',
  LEGAL_ENTITY = 'LEGAL_ENTITY',
}

export const partyKind = pgEnum('party_kind', PartyKind)

/** A person or organisation. Its personal data is in other tables, encrypted under its key. */
export const parties = pgTable(
  'parties',
  {
    id: id(),
    kind: partyKind('kind').notNull(),
    // Wrapped by the installation's key with this ID. Deleting it forgets the party: its data can no longer be decrypted.
    key: bytes('key'),
    wrappedBy: text('wrapped_by'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    forgottenAt: timestamp('forgotten_at', { withTimezone: true }),
  },
  ({ key, wrappedBy, forgottenAt }) => [
    check(
      'parties_key_check',
      sql`(${key} is null) = (${forgottenAt} is not null) and (${key} is null) = (${wrappedBy} is null)`,
    ),
    index().on(wrappedBy),
  ],
)

describeTable(parties, {
  retention: {
    class: 'PERMANENT',
    reason: 'A forgotten party loses its key at once. Its id remains, because events and files name it.',
  },
  server: { delete: false },
})
