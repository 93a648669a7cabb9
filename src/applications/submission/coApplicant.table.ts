import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { applications } from '../application.table.js'

/** A co-applicant, who is invited by a code and confirms with it. */
export const coApplicants = pgTable(
  'co_applicants',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    // Null until somebody confirms.
    partyId: uuid('party_id').references(() => parties.id),
    codeHash: text('code_hash').notNull(),
    invitedAt: timestamp('invited_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    confirmedAt: timestamp('confirmed_at', { withTimezone: true }),
  },
  ({ applicationId, partyId, confirmedAt }) => [
    index().on(applicationId),
    index().on(partyId),
    check('co_applicants_confirmed_check', sql`(${partyId} is null) = (${confirmedAt} is null)`),
  ],
)

describeTable(coApplicants, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  server: { delete: false },
})
