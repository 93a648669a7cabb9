import { sql } from 'drizzle-orm'
import { check, date, index, integer, pgEnum, pgSequence, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../agencies/agency.table.js'
import { services } from '../catalogue/services/service.table.js'
import { serviceVersions } from '../catalogue/services/serviceVersion.table.js'
import { parties } from '../identity/parties/party.table.js'
import { bytes } from '../platform/bytes.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { personal } from '../platform/personal.js'
import type { Prefilled } from './drafts/prefill.js'

export enum ApplicationState {
  /** Being filled in. */
  DRAFT = 'DRAFT',
  /** Waits for the other applicants to confirm it. */
  AWAITING_CONFIRMATION = 'AWAITING_CONFIRMATION',
  /** Waits to be paid for. */
  AWAITING_PAYMENT = 'AWAITING_PAYMENT',
  /** It came; a receipt was given. */
  SUBMITTED = 'SUBMITTED',
  /** Entered by the agency: the proceedings have begun. */
  REGISTERED = 'REGISTERED',
  IN_REVIEW = 'IN_REVIEW',
  /** Waits for the applicant. */
  INFORMATION_REQUESTED = 'INFORMATION_REQUESTED',
  APPROVED = 'APPROVED',
  REFUSED = 'REFUSED',
  /** Ended without a decision on what was asked. */
  DISCONTINUED = 'DISCONTINUED',
  /** Taken back by the applicant. */
  WITHDRAWN = 'WITHDRAWN',
  /** The result was handed over. */
  COMPLETED = 'COMPLETED',
}
export enum ApplicationOrigin {
  /** By the applicant, or who acts for them. */
  APPLICANT = 'APPLICANT',
  /** By the agency, for a person. */
  PROACTIVE = 'PROACTIVE',
}
export const applicationState = pgEnum('application_state', ApplicationState)
export const applicationOrigin = pgEnum('application_origin', ApplicationOrigin)
/** For numbers that people see. May have gaps. */
export const applicationNumbers = pgSequence('application_numbers')

/** A request by a party for a service, under the version of the service that it was begun under. */
export const applications = pgTable(
  'applications',
  {
    id: id(),
    number: text('number').notNull().unique(),
    serviceId: uuid('service_id')
      .notNull()
      .references(() => services.id),
    // Its code, by which mandates name services.
    serviceCode: text('service_code').notNull(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    // The applicant.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    origin: applicationOrigin('origin').notNull(),
    state: applicationState('state').notNull(),
    // Counts what changed: who saves says which they saw.
    revision: integer('revision').notNull(),
    answers: personal<Record<string, unknown>>('answers').notNull(),
    // Which answers are from a registry, and by which message.
    prefilled: personal<Prefilled>('prefilled').notNull(),
    // Over the canonical JSON of the answers as they were submitted.
    answersSha256: bytes('answers_sha256'),
    // Who began it, and under which mandates.
    createdBy: text('created_by').notNull(),
    mandateIds: uuid('mandate_ids').array().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    // A draft that nobody submits is taken out then.
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    submittedAt: timestamp('submitted_at', { withTimezone: true }),
    registeredAt: timestamp('registered_at', { withTimezone: true }),
    // Before then nothing is decided, where the law wants it to wait.
    notBefore: timestamp('not_before', { withTimezone: true }),
    dueOn: date('due_on'),
    dueAt: timestamp('due_at', { withTimezone: true }),
    // Since when the term does not run, while the applicant is waited for, and until when they are.
    pausedAt: timestamp('paused_at', { withTimezone: true }),
    respondBy: timestamp('respond_by', { withTimezone: true }),
    // When the term that runs was extended, which is done once.
    extendedAt: timestamp('extended_at', { withTimezone: true }),
    // The end of a term that went by without a decision, of which the head of the agency's officers was told.
    escalatedAt: timestamp('escalated_at', { withTimezone: true }),
    // The officer that it is assigned to.
    officerId: uuid('officer_id').references(() => parties.id),
    decidedAt: timestamp('decided_at', { withTimezone: true }),
    completedAt: timestamp('completed_at', { withTimezone: true }),
  },
  ({ id, partyId, agencyId, state, createdAt, dueAt, serviceId, officerId, submittedAt, expiresAt }) => [
    index().on(partyId, createdAt, id),
    // The queue of an agency, by what an officer filters it by.
    index('applications_of_agency').on(agencyId, submittedAt, id).where(sql`${submittedAt} is not null`),
    index('applications_of_agency_by_state')
      .on(agencyId, state, submittedAt, id)
      .where(sql`${submittedAt} is not null`),
    index('applications_of_agency_by_due').on(agencyId, dueAt, id).where(sql`${dueAt} is not null`),
    index('applications_of_agency_by_service')
      .on(agencyId, serviceId, submittedAt, id)
      .where(sql`${submittedAt} is not null`),
    index('applications_of_agency_by_officer')
      .on(agencyId, officerId, submittedAt, id)
      .where(sql`${officerId} is not null`),
    index('applications_drafts').on(expiresAt).where(sql`${state} = 'DRAFT'`),
    check(
      'applications_submitted_check',
      sql`(${state} in ('DRAFT', 'AWAITING_CONFIRMATION')) or ${submittedAt} is not null or ${state} in ('WITHDRAWN', 'AWAITING_PAYMENT', 'DISCONTINUED')`,
    ),
  ],
)

describeTable(applications, {
  retention: {
    class: 'PERMANENT',
    reason:
      'An application and its outcome are a file of the agency. The answers become unreadable with the key of the party.',
  },
  server: { delete: false },
})
