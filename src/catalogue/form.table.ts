import { json, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { confidence } from '../shared/confidence.table.js'
import { id } from '../shared/id.js'
import type { FormNode } from './form.fields.js'
import { serviceVersions } from './serviceVersion.table.js'

export const forms = pgTable('forms', {
  id: id(),
  versionId: uuid('version_id')
    .notNull()
    .unique()
    .references(() => serviceVersions.id),
  // json, not jsonb: libraries show fields in the order in which they stand.
  schema: json('schema').$type<FormNode>().notNull(),
  ui: json('ui').$type<object>().notNull(),
  confidence: confidence('confidence').notNull(),
  source: text('source'),
})
