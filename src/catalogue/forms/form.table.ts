import { json, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { serviceVersions } from '../services/serviceVersion.table.js'
import type { FormNode } from './form.fields.js'

export const forms = pgTable('forms', {
  id: id(),
  versionId: uuid('version_id')
    .notNull()
    .unique()
    .references(() => serviceVersions.id),
  // json, not jsonb, because libraries show fields in the order of the text.
  schema: json('schema').$type<FormNode>().notNull(),
  ui: json('ui').$type<object>().notNull(),
  confidence: confidence('confidence').notNull(),
  source: text('source'),
})

describeTable(forms, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
