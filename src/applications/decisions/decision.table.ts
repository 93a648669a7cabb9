import { index, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'

export enum DecisionOutcome {
  APPROVED = 'APPROVED',
  REFUSED = 'REFUSED',
  DISCONTINUED = 'DISCONTINUED',
}
export const decisionOutcome = pgEnum('decision_outcome', DecisionOutcome)

/** What an agency decided, or what the law takes to be decided. */
export const decisions = pgTable(
  'decisions',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    outcome: decisionOutcome('outcome').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    // The officer who decided; null where the term was over and the law decides.
    officerId: uuid('officer_id').references(() => parties.id),
    // Why, and by which norm; of an approval what is granted.
    reasoning: personal('reasoning'),
    norm: personal('norm'),
    // Where to appeal, and until when; null where there is nothing to appeal.
    appealTo: text('appeal_to'),
    appealUntil: timestamp('appeal_until', { withTimezone: true }),
    // The appeal that it decides.
    appealId: uuid('appeal_id'),
    documentId: uuid('document_id'),
  },
  ({ id, applicationId, at, officerId }) => [index().on(applicationId, at, id), index().on(officerId)],
)

describeTable(decisions, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
