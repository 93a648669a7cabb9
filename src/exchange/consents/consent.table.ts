import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { purposes } from '../accessLog/purpose.table.js'

/** Consents to queries by an agency about a party. A row changes only when it is withdrawn. */
export const consents = pgTable(
  'consents',
  {
    id: id(),
    // The party whose data may be queried.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // The agency that may query.
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    purposeId: uuid('purpose_id')
      .notNull()
      .references(() => purposes.id),
    // Codes of registries.
    registries: text('registries').array().notNull(),
    validFrom: timestamp('valid_from', { withTimezone: true }).notNull(),
    // Exclusive.
    validTo: timestamp('valid_to', { withTimezone: true }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    // The ID of the caller who gave it, and their mandates. Empty if the subject gave it.
    givenBy: text('given_by').notNull(),
    givenUnder: uuid('given_under').array().notNull(),
    withdrawnAt: timestamp('withdrawn_at', { withTimezone: true }),
    withdrawnBy: text('withdrawn_by'),
  },
  ({ id, partyId, agencyId, registries, validFrom, validTo, createdAt, withdrawnAt, withdrawnBy }) => [
    index().on(partyId, createdAt, id),
    index().on(agencyId),
    check('consents_registries_check', sql`cardinality(${registries}) > 0`),
    check('consents_validity_check', sql`${validTo} > ${validFrom}`),
    check('consents_withdrawn_check', sql`(${withdrawnAt} is null) = (${withdrawnBy} is null)`),
  ],
)

describeTable(consents, {
  retention: { class: 'PERMANENT', reason: 'Requests made under a consent name it, even after it was withdrawn.' },
  server: { update: ['withdrawnAt', 'withdrawnBy'], delete: false },
})
