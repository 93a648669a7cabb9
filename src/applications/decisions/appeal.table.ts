import { index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'
import { decisions } from './decision.table.js'

/** An appeal against a decision. An officer who did not decide handles it. */
export const appeals = pgTable(
  'appeals',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    decisionId: uuid('decision_id')
      .notNull()
      .unique()
      .references(() => decisions.id),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    text: personal('text').notNull(),
    filedBy: text('filed_by').notNull(),
    filedAt: timestamp('filed_at', { withTimezone: true }).notNull(),
  },
  ({ applicationId }) => [index().on(applicationId)],
)

describeTable(appeals, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
