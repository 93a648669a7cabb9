import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'

export enum TransferKind {
  /** By an officer, to the agency that is competent. */
  COMPETENCE = 'COMPETENCE',
  /** By rule, to the agency that the applicant named. */
  ADDRESSEE = 'ADDRESSEE',
  /** To the superior agency, which decides on an appeal. */
  APPEAL = 'APPEAL',
  /** Back after an approval on appeal. */
  RETURN = 'RETURN',
}
export const transferKind = pgEnum('transfer_kind', TransferKind)

/** A move of an application from one agency to another. */
export const applicationTransfers = pgTable(
  'application_transfers',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    // The applicant, whose key encrypts the reason.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    kind: transferKind('kind').notNull(),
    fromAgencyId: uuid('from_agency_id')
      .notNull()
      .references(() => agencies.id),
    toAgencyId: uuid('to_agency_id')
      .notNull()
      .references(() => agencies.id),
    at: timestamp('at', { withTimezone: true }).notNull(),
    // The reason of an officer. Null if a rule moved it.
    text: personal('text'),
  },
  ({ id, applicationId, fromAgencyId, toAgencyId, at }) => [
    index().on(fromAgencyId, at, id),
    index().on(applicationId, at),
    check('application_transfers_agencies_check', sql`${fromAgencyId} <> ${toAgencyId}`),
  ],
)

describeTable(applicationTransfers, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
