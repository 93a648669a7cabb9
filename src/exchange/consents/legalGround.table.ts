import { sql } from 'drizzle-orm'
import { boolean, check, date, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { registries } from '../../agencies/registry.table.js'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { purposes } from '../accessLog/purpose.table.js'

/** Legal grounds for queries of registries. What no ground permits is not queried. */
export const legalGrounds = pgTable(
  'legal_grounds',
  {
    id: id(),
    code: text('code').notNull().unique(),
    // Agency whose officers may query. Null for the subject, their representatives and their programs.
    agencyId: uuid('agency_id').references(() => agencies.id),
    // Null, as is the agency: each agency may query what the services that it handles need.
    registryId: uuid('registry_id').references(() => registries.id),
    purposeId: uuid('purpose_id')
      .notNull()
      .references(() => purposes.id),
    // Fields of the record. Null if all.
    fields: text('fields').array(),
    basis: words('basis').notNull(),
    // Whether the subject's consent is required.
    consentRequired: boolean('consent_required').notNull(),
    validFrom: date('valid_from').notNull(),
    // Last day. Null if it has no end date.
    validTo: date('valid_to'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ agencyId, registryId, purposeId, fields, validFrom, validTo }) => [
    index().on(registryId, purposeId, agencyId),
    check('legal_grounds_registry_check', sql`${registryId} is not null or ${agencyId} is null and ${fields} is null`),
    check('legal_grounds_fields_check', sql`cardinality(${fields}) > 0`),
    check('legal_grounds_validity_check', sql`${validTo} >= ${validFrom}`),
  ],
)

describeTable(legalGrounds, {
  retention: { class: 'PERMANENT', reason: 'The access log names the legal ground of each access.' },
})
