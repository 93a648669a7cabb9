import { index, jsonb, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'

/** What happens by itself at a moment. A tick makes an event of each that is due, with effect at `dueAt`, and takes it out. */
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
    ids: jsonb('ids').$type<Record<string, string>>().notNull(),
  },
  // A thing has one deadline of a kind: setting it again moves it.
  ({ dueAt, type, subject }) => [unique().on(type, subject), index().on(dueAt)],
)

describeTable(deadlines, {
  retention: { class: 'TRANSIENT', reason: 'A deadline that is reached becomes an event, and its row is removed.' },
})
