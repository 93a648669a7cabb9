import { sql } from 'drizzle-orm'
import { check, date, index, pgEnum, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { services } from '../../catalogue/services/service.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'

export enum OpinionState {
  REQUESTED = 'REQUESTED',
  GIVEN = 'GIVEN',
  WITHDRAWN = 'WITHDRAWN',
}
export const opinionState = pgEnum('opinion_state', OpinionState)

/** An opinion that the agency of a case asks of another agency, which does not see the application. */
export const opinions = pgTable(
  'opinions',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    // What the asked agency sees of the application.
    applicationNumber: text('application_number').notNull(),
    serviceId: uuid('service_id')
      .notNull()
      .references(() => services.id),
    serviceCode: text('service_code').notNull(),
    // The applicant, whose key encrypts the texts.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    askingAgencyId: uuid('asking_agency_id')
      .notNull()
      .references(() => agencies.id),
    // The asked agency.
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    state: opinionState('state').notNull(),
    askedBy: uuid('asked_by')
      .notNull()
      .references(() => parties.id),
    askedAt: timestamp('asked_at', { withTimezone: true }).notNull(),
    dueOn: date('due_on').notNull(),
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    question: personal('question').notNull(),
    givenBy: uuid('given_by').references(() => parties.id),
    text: personal('text'),
    // When it was given or withdrawn.
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  ({ id, applicationId, agencyId, state, dueAt, askedAt, endedAt, text }) => [
    index().on(applicationId, askedAt, id),
    index().on(agencyId, state, dueAt, id),
    uniqueIndex('opinions_requested').on(applicationId, agencyId).where(sql`${state} = 'REQUESTED'`),
    check('opinions_ended_check', sql`(${state} = 'REQUESTED') = (${endedAt} is null)`),
    check('opinions_given_check', sql`(${state} = 'GIVEN') = (${text} is not null)`),
  ],
)

describeTable(opinions, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  server: { delete: false },
})
