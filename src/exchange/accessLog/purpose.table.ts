import { sql } from 'drizzle-orm'
import { check, interval, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { confidence } from '../../platform/confidence.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { words } from '../../shared/words.js'

/** Purposes for which registries may be queried. */
export const purposes = pgTable(
  'purposes',
  {
    id: id(),
    code: text('code').notNull().unique(),
    name: words('name').notNull(),
    // How long the law keeps an access secret from the subject. Null if not secret.
    secretFor: interval('secret_for'),
    confidence: confidence('confidence').notNull(),
    source: text('source'),
    seeded: jsonb('seeded'),
  },
  ({ secretFor }) => [check('purposes_secret_check', sql`${secretFor} > interval '0'`)],
)

describeTable(purposes, {
  retention: { class: 'PERMANENT', reason: 'The access log names the purpose of each access.' },
})
