import { index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../platform/confidence.table.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { words } from '../shared/words.js'
import { agencies } from './agency.table.js'

export const registries = pgTable(
  'registries',
  {
    id: id(),
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    code: text('code').notNull().unique(),
    name: words('name').notNull(),
    purpose: words('purpose'),
    position: integer('position').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ id, agencyId, position }) => [index().on(agencyId, position, id)],
)

describeTable(registries, {
  retention: {
    class: 'PERMANENT',
    reason: 'Provenance names the registry that answered, as long as anything is kept.',
  },
})
