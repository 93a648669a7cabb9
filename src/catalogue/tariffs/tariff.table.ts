import { index, integer, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'
import { serviceVersions } from '../services/serviceVersion.table.js'
import type { TariffCondition } from './tariff.rules.js'

/** What a version costs and how long it takes for some of its applications. Exactly one fits each. */
export const tariffs = pgTable(
  'tariffs',
  {
    id: id(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    position: integer('position').notNull(),
    code: text('code').notNull(),
    name: words('name').notNull(),
    condition: jsonb('condition').$type<TariffCondition>().notNull(),
  },
  ({ id, versionId, position, code }) => [index().on(versionId, position, id), unique().on(versionId, code)],
)

describeTable(tariffs, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a version of a service.' },
  appendOnly: true,
})
