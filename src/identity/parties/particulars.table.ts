import { pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { Assurance, assurance } from '../../shared/assurance.table.js'
import { parties } from './party.table.js'

export enum PersonStatus {
  CITIZEN = 'CITIZEN',
  FOREIGNER = 'FOREIGNER',
  STATELESS = 'STATELESS',
}

export const personStatus = pgEnum('person_status', PersonStatus)

/** Personal details of a party. No row for a party that has never signed in. */
export const particulars = pgTable('particulars', {
  id: id(),
  partyId: uuid('party_id')
    .notNull()
    .unique()
    .references(() => parties.id),
  // Null for a legal entity.
  status: personStatus('status'),
  // Exactly as the source wrote it.
  name: personal('name'),
  // YYYY-MM-DD.
  birthDate: personal('birth_date'),
  // The source: the issuer of a sign-in or a register, with the assurance level.
  source: text('source').notNull(),
  assurance: assurance('assurance').notNull().default(Assurance.NONE),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
})

describeTable(particulars, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'The particulars of a party become unreadable with its key.' },
  server: { delete: false },
})
