import { boolean, index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { registries } from '../../agencies/registry.table.js'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { serviceVersions } from './serviceVersion.table.js'

export const requiredDocuments = pgTable(
  'required_documents',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    position: integer('position').notNull(),
    code: text('code').notNull(),
    name: words('name').notNull(),
    mandatory: boolean('mandatory').notNull(),
    confidence: confidence('confidence').notNull(),
    obtainableFromRegistryId: uuid('obtainable_from_registry_id').references(() => registries.id),
  },
  ({ id, versionId, position, code, obtainableFromRegistryId }) => [
    unique().on(versionId, code),
    index().on(versionId, position, id),
    index().on(obtainableFromRegistryId),
  ],
)

describeTable(requiredDocuments, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
