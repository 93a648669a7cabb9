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

/** What is known of a party beside its identifiers. None of one that was only named by somebody else so far. */
export const particulars = pgTable('particulars', {
  id: id(),
  partyId: uuid('party_id')
    .notNull()
    .unique()
    .references(() => parties.id),
  // Null of a legal entity.
  status: personStatus('status'),
  // As it was told, letter by letter.
  name: personal('name'),
  // YYYY-MM-DD.
  birthDate: personal('birth_date'),
  // Who said so: the issuer of a sign-in, or a register; and how surely it was known of whom.
  source: text('source').notNull(),
  assurance: assurance('assurance').notNull().default(Assurance.NONE),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
})

describeTable(particulars, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'The particulars of a party become unreadable with its key.' },
  server: { delete: false },
})
