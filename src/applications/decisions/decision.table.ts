import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { programs } from '../../identity/programs/program.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { type Words, words } from '../../shared/words.js'
import { applications } from '../application.table.js'

export enum DecisionOutcome {
  APPROVED = 'APPROVED',
  REFUSED = 'REFUSED',
  DISCONTINUED = 'DISCONTINUED',
}
export const decisionOutcome = pgEnum('decision_outcome', DecisionOutcome)

/** A ground for refusal, as the version of the service has it. */
export interface Ground {
  code: string
  text: Words
  norm: Words
}

/** A decision on an application, made by an officer or a program of the agency, or deemed by law. */
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
    // Who decided: an officer or a program of the agency. Both are null for a deemed decision.
    officerId: uuid('officer_id').references(() => parties.id),
    programId: uuid('program_id').references(() => programs.id),
    // The reasoning, or what an approval grants. Both texts as the officer wrote them; those of a deemed decision in all languages.
    reasoning: personal<Words | string>('reasoning'),
    norm: personal<Words | string>('norm'),
    // The grounds of a refusal as they were then. Null for other outcomes, and where the law decides.
    grounds: personal<Ground[]>('grounds'),
    // Null if there is nothing to appeal.
    appealTo: words('appeal_to'),
    appealUntil: timestamp('appeal_until', { withTimezone: true }),
    // Until when the person may object. Null unless it grants what nobody applied for.
    objectionUntil: timestamp('objection_until', { withTimezone: true }),
    // The appeal that this decision answers.
    appealId: uuid('appeal_id'),
    // The end of the term at that moment. Null if no term was known.
    dueAt: timestamp('due_at', { withTimezone: true }),
    documentId: uuid('document_id'),
  },
  ({ id, applicationId, at, officerId, programId, appealId }) => [
    index().on(applicationId, at, id),
    index().on(officerId),
    index().on(appealId),
    check('decisions_maker_check', sql`${officerId} is null or ${programId} is null`),
  ],
)

describeTable(decisions, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
