import { sql } from 'drizzle-orm'
import { check, date, index, integer, pgEnum, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../agencies/agency.table.js'
import { requiredDocuments } from '../catalogue/services/requiredDocument.table.js'
import { services } from '../catalogue/services/service.table.js'
import { serviceVersions } from '../catalogue/services/serviceVersion.table.js'
import { uploads } from '../documents/uploads/upload.table.js'
import { parties } from '../identity/parties/party.table.js'
import { bytes } from '../platform/bytes.js'
import { id } from '../platform/id.js'
import { blindIndex, personal } from '../platform/personal.js'
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
    since: timestamp('since', { withTimezone: true }).notNull(),
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
  ({ id, partyId, agencyId, state, since, dueAt, serviceId, officerId, submittedAt, expiresAt }) => [
    index().on(partyId, since, id),
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

/** What became of an application, for people to read. Only added to. */
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

/** The answers as they stood before the applicant gave others on request: what was received is kept. Only added to. */
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
    // As the receipt of them says.
    answersSha256: bytes('answers_sha256').notNull(),
    until: timestamp('until', { withTimezone: true }).notNull(),
  },
  ({ id, applicationId, until }) => [index().on(applicationId, until, id)],
)

/** That an officer to whom it is not assigned opened an application, and why they said they had to. Only added to. */
export const applicationOpenings = pgTable(
  'application_openings',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    // The applicant, under whose key the reason is sealed.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    officerId: uuid('officer_id')
      .notNull()
      .references(() => parties.id),
    at: timestamp('at', { withTimezone: true }).notNull(),
    until: timestamp('until', { withTimezone: true }).notNull(),
    reason: personal('reason').notNull(),
  },
  ({ id, applicationId, agencyId, officerId, at }) => [
    index().on(agencyId, at, id),
    index().on(officerId, applicationId),
    index().on(applicationId),
  ],
)

export const attachments = pgTable(
  'attachments',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    uploadId: uuid('upload_id')
      .notNull()
      .references(() => uploads.id),
    // Which of the documents that the service asks for it is; null: something beside them.
    requiredDocumentId: uuid('required_document_id').references(() => requiredDocuments.id),
    since: timestamp('since', { withTimezone: true }).notNull(),
  },
  ({ applicationId, uploadId }) => [unique().on(applicationId, uploadId), index().on(uploadId)],
)

/** Another who must confirm the same application: who is invited by a code, and confirms with it. */
export const coApplicants = pgTable(
  'co_applicants',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    // Null until somebody came with the code.
    partyId: uuid('party_id').references(() => parties.id),
    codeHash: text('code_hash').notNull(),
    invitedAt: timestamp('invited_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    confirmedAt: timestamp('confirmed_at', { withTimezone: true }),
  },
  ({ applicationId, partyId, confirmedAt }) => [
    index().on(applicationId),
    index().on(partyId),
    check('co_applicants_confirmed_check', sql`(${partyId} is null) = (${confirmedAt} is null)`),
  ],
)

export enum DecisionOutcome {
  APPROVED = 'APPROVED',
  REFUSED = 'REFUSED',
  DISCONTINUED = 'DISCONTINUED',
}
export const decisionOutcome = pgEnum('decision_outcome', DecisionOutcome)

/** What an agency decided, or what the law takes to be decided. Only added to. */
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
    ground: personal('ground'),
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

/** Against a decision. Another officer than who made it looks at it. */
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

/** Who signed the answers of an application, and with what. Only added to. */
export const applicationSignatures = pgTable(
  'application_signatures',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // The JWS with its chain, as it came; and by what its certificate is known. Its bytes are not unique: of an ECDSA
    // signature (r, s), (r, n−s) is as valid, so nothing may rely on a signature coming only once.
    signature: personal('signature').notNull(),
    certificateIndex: blindIndex('certificate_index'),
    actor: text('actor').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  ({ applicationId }) => [index().on(applicationId)],
)
