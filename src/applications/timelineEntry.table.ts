import { date, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../identity/parties/party.table.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { personal } from '../platform/personal.js'
import { applicationState, applications } from './application.table.js'
import { applicationTransfers } from './transfers/applicationTransfer.table.js'

/** Why a term changed. Each has a text for people. */
export const dueReasons = [
  'term.registered',
  'term.resumed',
  'term.extended',
  'term.appealed',
  'term.transferred',
  'term.beyond_calendar',
  'term.payment',
] as const
export type DueReason = (typeof dueReasons)[number]
/** The new last day, or null if its end became unknown. */
export interface ChangeOfDue {
  dueOn: string | null
  reason: DueReason
}

/** The history of an application, for people. */
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
    // The type of the event written at the same time, such as application.submitted.
    type: text('type').notNull(),
    fromState: applicationState('from_state'),
    toState: applicationState('to_state').notNull(),
    actor: text('actor').notNull(),
    mandateIds: uuid('mandate_ids').array().notNull(),
    // The officer who did it. Null for others.
    officerId: uuid('officer_id').references(() => parties.id),
    // A message, a request, or a reason.
    text: personal('text'),
    // The transfer that it tells of.
    transferId: uuid('transfer_id').references(() => applicationTransfers.id),
    // The new last day of the term, and why it changed.
    dueOn: date('due_on'),
    dueReason: text('due_reason').$type<DueReason>(),
    // The decision that it is about, which refers to this table's application in turn.
    decisionId: uuid('decision_id'),
  },
  ({ id, applicationId, at }) => [index().on(applicationId, at, id)],
)

describeTable(timelineEntries, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})

/** The party of an actor `person:<party>`. */
export const personIn = (actor: string): string => actor.slice(actor.indexOf(':') + 1)
