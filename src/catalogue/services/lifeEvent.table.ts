import { index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'

export const lifeEvents = pgTable(
  'life_events',
  {
    id: id(),
    code: text('code').notNull().unique(),
    name: words('name').notNull(),
    position: integer('position').notNull(),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ id, position }) => [index().on(position, id)],
)

describeTable(lifeEvents, {
  retention: { class: 'PERMANENT', reason: 'The catalogue is kept completely.' },
})
