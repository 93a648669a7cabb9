import { date, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../identity/parties/party.table.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { personal } from '../platform/personal.js'
import { applicationState, applications } from './application.table.js'

/** What became of an application, for people to read. */
export const timelineEntries = pgTable(
  'timeline_entries',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    at: timestamp('at', { withTimezone: true }).notNull(),
    // As the event of the same moment is called: application.submitted.
    type: text('type').notNull(),
    fromState: applicationState('from_state'),
    toState: applicationState('to_state').notNull(),
    actor: text('actor').notNull(),
    mandateIds: uuid('mandate_ids').array().notNull(),
    // The officer who did it, where one did.
    officerId: uuid('officer_id').references(() => parties.id),
    // A message, what is asked for, or why: what was written.
    text: personal('text'),
    // When it is due since then, and why that changed, as a dotted reason.
    dueOn: date('due_on'),
    dueReason: text('due_reason'),
  },
  ({ id, applicationId, at }) => [index().on(applicationId, at, id)],
)

describeTable(timelineEntries, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
