import { index, pgEnum, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { appointments } from '../../identity/officers/appointment.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'
import { decisionOutcome } from '../decisions/decision.table.js'

export enum NoteKind {
  NOTE = 'NOTE',
  /** A proposed decision. */
  PROPOSAL = 'PROPOSAL',
  /** A proposal came back to its officer. */
  RETURN = 'RETURN',
}
export const noteKind = pgEnum('note_kind', NoteKind)

/** What officers of an agency write to each other about an application. No party ever sees it. */
export const applicationNotes = pgTable(
  'application_notes',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    // The agency whose officers see it.
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    // The applicant, whose key encrypts the texts.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    appointmentId: uuid('appointment_id')
      .notNull()
      .references(() => appointments.id),
    officerId: uuid('officer_id')
      .notNull()
      .references(() => parties.id),
    at: timestamp('at', { withTimezone: true }).notNull(),
    kind: noteKind('kind').notNull(),
    // The note, or the reasoning of a proposal.
    text: personal('text'),
    outcome: decisionOutcome('outcome'),
    groundCodes: personal<string[]>('ground_codes'),
    norm: personal('norm'),
  },
  ({ id, applicationId, at }) => [index().on(applicationId, at, id)],
)

describeTable(applicationNotes, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
