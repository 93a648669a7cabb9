import { index, integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { termUnit } from '../../shared/termUnit.table.js'
import { words } from '../../shared/words.js'
import { serviceVersions } from './serviceVersion.table.js'

export const serviceSteps = pgTable(
  'service_steps',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    position: integer('position').notNull(),
    name: words('name').notNull(),
    content: words('content'),
    maximumValue: integer('maximum_value'),
    maximumUnit: termUnit('maximum_unit'),
    confidence: confidence('confidence').notNull(),
    agencyId: uuid('agency_id').references(() => agencies.id),
  },
  ({ id, versionId, position, agencyId }) => [index().on(versionId, position, id), index().on(agencyId)],
)

describeTable(serviceSteps, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
