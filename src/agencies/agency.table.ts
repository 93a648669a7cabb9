import { type AnyPgColumn, index, jsonb, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../platform/confidence.table.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { named } from '../shared/words.js'

export enum AgencyType {
  MINISTRY = 'MINISTRY',
  STATE_COMMITTEE = 'STATE_COMMITTEE',
  STATE_SERVICE = 'STATE_SERVICE',
  STATE_AGENCY = 'STATE_AGENCY',
  STATE_FUND = 'STATE_FUND',
  STATE_COMPANY = 'STATE_COMPANY',
  PUBLIC_LEGAL_ENTITY = 'PUBLIC_LEGAL_ENTITY',
  DEPARTMENT = 'DEPARTMENT',
  CENTRAL_BANK = 'CENTRAL_BANK',
  COMMISSION = 'COMMISSION',
  COURTS = 'COURTS',
}

export const agencyType = pgEnum('agency_type', AgencyType)

export const agencies = pgTable(
  'agencies',
  {
    id: id(),
    code: text('code').notNull().unique(),
    type: agencyType('type').notNull(),
    parentId: uuid('parent_id').references((): AnyPgColumn => agencies.id),
    ...named(),
    website: text('website'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    // The entry as last seeded. Null if an operator made the row. Distinguishes an operator's change from a change of the file.
    seeded: jsonb('seeded'),
  },
  ({ id, parentId, nameAz, nameEn, nameRu }) => [
    index().on(parentId, nameAz, id),
    index().on(nameAz, id),
    index().on(nameEn, id),
    index().on(nameRu, id),
  ],
)

describeTable(agencies, {
  retention: { class: 'PERMANENT', reason: 'Applications name their agency, as long as they are kept.' },
})
