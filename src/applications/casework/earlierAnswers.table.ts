import { index, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'

/** Answers that a response to a request replaced. Whatever was received is kept. */
export const earlierAnswers = pgTable(
  'earlier_answers',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    answers: personal<Record<string, unknown>>('answers').notNull(),
    // The hash in the receipt.
    answersSha256: bytes('answers_sha256').notNull(),
    until: timestamp('until', { withTimezone: true }).notNull(),
  },
  ({ id, applicationId, until }) => [index().on(applicationId, until, id)],
)

describeTable(earlierAnswers, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
