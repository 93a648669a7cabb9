import { index, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'

/** Access of an officer to an application that is not assigned to them, with the reason. */
export const applicationOpenings = pgTable(
  'application_openings',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    // The applicant, whose key encrypts the reason.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    officerId: uuid('officer_id')
      .notNull()
      .references(() => parties.id),
    at: timestamp('at', { withTimezone: true }).notNull(),
    until: timestamp('until', { withTimezone: true }).notNull(),
    reason: personal('reason').notNull(),
  },
  ({ id, applicationId, agencyId, officerId, at }) => [
    index().on(agencyId, at, id),
    index().on(officerId, applicationId),
    index().on(applicationId),
  ],
)

describeTable(applicationOpenings, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
