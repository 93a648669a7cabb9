import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { serviceVersions } from './serviceVersion.table.js'

export const legalBases = pgTable(
  'legal_bases',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    position: integer('position').notNull(),
    title: words('title').notNull(),
    article: text('article'),
    url: text('url'),
  },
  ({ id, versionId, position }) => [index().on(versionId, position, id)],
)

describeTable(legalBases, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
