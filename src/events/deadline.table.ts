import { index, jsonb, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'

/** An automatic event at a moment. The tick records the event with effect at `dueAt`, and deletes the row. */
export const deadlines = pgTable(
  'deadlines',
  {
    id: id(),
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    domain: text('domain').notNull(),
    type: text('type').notNull(),
    subject: uuid('subject').notNull(),
    partyId: uuid('party_id'),
    agencyId: uuid('agency_id'),
    serviceCode: text('service_code'),
    ids: jsonb('ids').$type<Record<string, string>>().notNull(),
  },
  // One deadline of each type for a subject: setting it again moves it.
  ({ dueAt, type, subject }) => [unique().on(type, subject), index().on(dueAt)],
)

describeTable(deadlines, {
  retention: { class: 'TRANSIENT', reason: 'A deadline that is reached becomes an event, and its row is removed.' },
})
