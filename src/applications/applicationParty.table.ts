import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { applicationRole } from '../catalogue/services/applicationRole.table.js'
import { parties } from '../identity/parties/party.table.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { applications } from './application.table.js'

/** The parties of an application: the applicant, and those who are invited by a code and confirm with it. */
export const applicationParties = pgTable(
  'application_parties',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    // Null until somebody confirms, so that whoever is here has full standing.
    partyId: uuid('party_id').references(() => parties.id),
    role: applicationRole('role').notNull(),
    // The applicant was not invited.
    codeHash: text('code_hash'),
    invitedAt: timestamp('invited_at', { withTimezone: true }),
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    confirmedAt: timestamp('confirmed_at', { withTimezone: true }),
    // When the party signed the present content. Null again once it changes.
    signedAt: timestamp('signed_at', { withTimezone: true }),
    // When the application was created, so that the pages of a party are read from one index.
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  ({ applicationId, partyId, role, codeHash, invitedAt, expiresAt, confirmedAt, createdAt }) => [
    index().on(partyId, createdAt, applicationId),
    // A list shows an application once.
    unique().on(applicationId, partyId),
    check(
      'application_parties_invited_check',
      sql`case when ${role} = 'APPLICANT' then ${partyId} is not null and num_nonnulls(${codeHash}, ${invitedAt}, ${expiresAt}, ${confirmedAt}) = 0
        else num_nulls(${codeHash}, ${invitedAt}, ${expiresAt}) = 0 and (${partyId} is null) = (${confirmedAt} is null) end`,
    ),
  ],
)

describeTable(applicationParties, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
})
