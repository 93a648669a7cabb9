import { sql } from 'drizzle-orm'
import { boolean, check, date, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { registries } from '../../agencies/registry.table.js'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { purposes } from '../accessLog/purpose.table.js'

/** By what law who may ask which registry, about what, and for what. What no ground allows is not asked. */
export const legalGrounds = pgTable(
  'legal_grounds',
  {
    id: id(),
    code: text('code').notNull().unique(),
    // Whose officers it lets ask; null: the subject, whoever acts for them, and their programs.
    agencyId: uuid('agency_id').references(() => agencies.id),
    registryId: uuid('registry_id')
      .notNull()
      .references(() => registries.id),
    purposeId: uuid('purpose_id')
      .notNull()
      .references(() => purposes.id),
    // Of a record, by their names; null: all.
    fields: text('fields').array(),
    // The norm, in words.
    basis: words('basis').notNull(),
    // Whether the subject must have consented beforehand.
    consentRequired: boolean('consent_required').notNull(),
    validFrom: date('valid_from').notNull(),
    // The last day; null: until it is changed.
    validTo: date('valid_to'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ agencyId, registryId, purposeId, fields, validFrom, validTo }) => [
    index().on(registryId, purposeId, agencyId),
    check('legal_grounds_fields_check', sql`cardinality(${fields}) > 0`),
    check('legal_grounds_validity_check', sql`${validTo} >= ${validFrom}`),
  ],
)

describeTable(legalGrounds, {
  retention: { class: 'PERMANENT', reason: 'The access log names the legal ground of each access.' },
})
