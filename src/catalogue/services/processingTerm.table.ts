import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { termUnit } from '../../shared/termUnit.table.js'
import { words } from '../../shared/words.js'
import { serviceVersions } from './serviceVersion.table.js'

export const processingTerms = pgTable(
  'processing_terms',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    position: integer('position').notNull(),
    variant: words('variant').notNull(),
    // Null if unknown. 0 for INSTANT only.
    value: integer('value'),
    unit: termUnit('unit').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
  },
  ({ id, versionId, position, value, unit, confidence }) => [
    index().on(versionId, position, id),
    check('processing_terms_value_check', sql`${value} > 0 or (${value} = 0 and ${unit} = 'INSTANT')`),
    check('processing_terms_unknown_check', sql`(${value} is null) = (${confidence} = 'UNKNOWN')`),
  ],
)

describeTable(processingTerms, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
