import { sql } from 'drizzle-orm'
import { bigint, boolean, check, pgTable } from 'drizzle-orm/pg-core'
import { describeTable } from '../platform/describeTable.js'

/** One row with the last position. Separate from the events, because retention may delete the last of them. */
export const eventHead = pgTable(
  'event_head',
  {
    id: boolean('id').primaryKey().default(true),
    position: bigint('position', { mode: 'bigint' }).notNull().default(sql`0`),
  },
  ({ id }) => [check('event_head_one_row', sql`${id}`)],
)

describeTable(eventHead, {
  retention: { class: 'PERMANENT', reason: 'One row: positions continue where they stopped.' },
  server: { insert: false, delete: false },
})
