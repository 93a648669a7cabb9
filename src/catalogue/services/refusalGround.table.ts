import { index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { serviceVersions } from './serviceVersion.table.js'

/** The grounds on which an application may be refused: those of the service, then those of general law. */
export const refusalGrounds = pgTable(
  'refusal_grounds',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    position: integer('position').notNull(),
    code: text('code').notNull(),
    text: words('text').notNull(),
    norm: words('norm').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
  },
  ({ id, versionId, position, code }) => [unique().on(versionId, code), index().on(versionId, position, id)],
)

describeTable(refusalGrounds, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
