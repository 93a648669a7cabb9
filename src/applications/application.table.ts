import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  check,
  date,
  index,
  integer,
  pgEnum,
  pgSequence,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { agencies } from '../agencies/agency.table.js'
import { services } from '../catalogue/services/service.table.js'
import { serviceVersions } from '../catalogue/services/serviceVersion.table.js'
import { tariffs } from '../catalogue/tariffs/tariff.table.js'
import { parties } from '../identity/parties/party.table.js'
import { bytes } from '../platform/bytes.js'
import { describeTable } from '../platform/describeTable.js'
import { id } from '../platform/id.js'
import { personal } from '../platform/personal.js'
import type { Prefilled } from './drafts/prefill.js'

export enum ApplicationState {
  DRAFT = 'DRAFT',
  AWAITING_CONFIRMATION = 'AWAITING_CONFIRMATION',
  /** What is due before the registration is unknown. */
  AWAITING_ASSESSMENT = 'AWAITING_ASSESSMENT',
  /** Before the registration. */
  AWAITING_PAYMENT = 'AWAITING_PAYMENT',
  /** A receipt was issued. */
  SUBMITTED = 'SUBMITTED',
  /** The term runs. */
  REGISTERED = 'REGISTERED',
  IN_REVIEW = 'IN_REVIEW',
  /** The term is paused. */
  INFORMATION_REQUESTED = 'INFORMATION_REQUESTED',
  /** Sent to another agency, which has not registered it yet. */
  TRANSFERRED = 'TRANSFERRED',
  /** From an appeal until the next decision. The term runs. */
  UNDER_APPEAL = 'UNDER_APPEAL',
  APPROVED = 'APPROVED',
  /** Approved, and to be paid. */
  AWAITING_FEE = 'AWAITING_FEE',
  /** Approved, and to be handed over. */
  READY = 'READY',
  REFUSED = 'REFUSED',
  /** Ended by the agency without a decision on the request. */
  DISCONTINUED = 'DISCONTINUED',
  WITHDRAWN = 'WITHDRAWN',
  /** Not submitted or confirmed in time. */
  EXPIRED = 'EXPIRED',
  /** Approved, and not paid in time. */
  LAPSED = 'LAPSED',
  /** The result was handed over. */
  COMPLETED = 'COMPLETED',
}
/** Who is expected to act next. */
export enum ApplicationPhase {
  WAITING_FOR_APPLICANT = 'WAITING_FOR_APPLICANT',
  WAITING_FOR_AGENCY = 'WAITING_FOR_AGENCY',
  CLOSED = 'CLOSED',
}
export const phases: Record<ApplicationState, ApplicationPhase> = {
  [ApplicationState.DRAFT]: ApplicationPhase.WAITING_FOR_APPLICANT,
  [ApplicationState.AWAITING_CONFIRMATION]: ApplicationPhase.WAITING_FOR_APPLICANT,
  [ApplicationState.AWAITING_ASSESSMENT]: ApplicationPhase.WAITING_FOR_AGENCY,
  [ApplicationState.AWAITING_PAYMENT]: ApplicationPhase.WAITING_FOR_APPLICANT,
  [ApplicationState.SUBMITTED]: ApplicationPhase.WAITING_FOR_AGENCY,
  [ApplicationState.REGISTERED]: ApplicationPhase.WAITING_FOR_AGENCY,
  [ApplicationState.IN_REVIEW]: ApplicationPhase.WAITING_FOR_AGENCY,
  [ApplicationState.INFORMATION_REQUESTED]: ApplicationPhase.WAITING_FOR_APPLICANT,
  [ApplicationState.TRANSFERRED]: ApplicationPhase.WAITING_FOR_AGENCY,
  [ApplicationState.UNDER_APPEAL]: ApplicationPhase.WAITING_FOR_AGENCY,
  [ApplicationState.APPROVED]: ApplicationPhase.WAITING_FOR_AGENCY,
  [ApplicationState.AWAITING_FEE]: ApplicationPhase.WAITING_FOR_APPLICANT,
  [ApplicationState.READY]: ApplicationPhase.WAITING_FOR_APPLICANT,
  [ApplicationState.REFUSED]: ApplicationPhase.CLOSED,
  [ApplicationState.DISCONTINUED]: ApplicationPhase.CLOSED,
  [ApplicationState.WITHDRAWN]: ApplicationPhase.CLOSED,
  [ApplicationState.EXPIRED]: ApplicationPhase.CLOSED,
  [ApplicationState.LAPSED]: ApplicationPhase.CLOSED,
  [ApplicationState.COMPLETED]: ApplicationPhase.CLOSED,
}
// Each value has its type: PostgreSQL generates no column by a cast from text.
const phaseOfState = Object.entries(phases)
  .map(([state, phase]) => `when '${state}' then '${phase}'::application_phase`)
  .join(' ')
export enum ApplicationOrigin {
  /** Started by the applicant or a representative. */
  APPLICANT = 'APPLICANT',
  /** Started by the agency for a person. */
  PROACTIVE = 'PROACTIVE',
}
export const applicationState = pgEnum('application_state', ApplicationState)
export const applicationPhase = pgEnum('application_phase', ApplicationPhase)
export const applicationOrigin = pgEnum('application_origin', ApplicationOrigin)
/** For the numbers that people see. May have gaps. */
export const applicationNumbers = pgSequence('application_numbers')

// Conditions of partial indexes. PostgreSQL uses an index if the queue has the same conditions.
const isSubmitted = (submittedAt: AnyPgColumn) => sql`${submittedAt} is not null`
const isDue = ({ dueAt, phase }: { dueAt: AnyPgColumn; phase: AnyPgColumn }) =>
  sql`${dueAt} is not null and ${phase} <> 'CLOSED'`
/** Nobody has it, and it is not closed. */
export const isUnassigned = ({ officerId, phase }: { officerId: AnyPgColumn; phase: AnyPgColumn }) =>
  sql`${officerId} is null and ${phase} <> 'CLOSED'`

/** A request of a party for a service, under the version in force when the draft was started. */
export const applications = pgTable(
  'applications',
  {
    id: id(),
    number: text('number').notNull().unique(),
    serviceId: uuid('service_id')
      .notNull()
      .references(() => services.id),
    // The code of the service, because mandates name services by code.
    serviceCode: text('service_code').notNull(),
    versionId: uuid('version_id')
      .notNull()
      .references(() => serviceVersions.id),
    // The version under whose form the answers were given. Null unless a transfer changed the version.
    formVersionId: uuid('form_version_id').references(() => serviceVersions.id),
    // Settled by the answers at the submission.
    tariffId: uuid('tariff_id').references(() => tariffs.id),
    // The agency that handles it now.
    agencyId: uuid('agency_id')
      .notNull()
      .references(() => agencies.id),
    // The applicant.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    origin: applicationOrigin('origin').notNull(),
    state: applicationState('state').notNull(),
    phase: applicationPhase('phase')
      .notNull()
      .generatedAlwaysAs(sql.raw(`case state ${phaseOfState} end`)),
    // The version number that a client sends back.
    revision: integer('revision').notNull(),
    answers: personal<Record<string, unknown>>('answers').notNull(),
    // Answers from registries, each with its message ID.
    prefilled: personal<Prefilled>('prefilled').notNull(),
    // Paths of declared answers that neither a registry has confirmed nor an officer accepted.
    unsettled: text('unsettled').array().notNull().default(sql`'{}'`),
    // Of the canonical JSON of the submitted answers.
    answersSha256: bytes('answers_sha256'),
    // Paths of the answers that a co-applicant did not confirm, since the application returned to the applicant.
    differing: text('differing').array(),
    // Who started it, and under which mandates.
    createdBy: text('created_by').notNull(),
    mandateIds: uuid('mandate_ids').array().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    // When a change was last recorded, which may be later than it takes effect.
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
    // When an unsubmitted draft ends.
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    submittedAt: timestamp('submitted_at', { withTimezone: true }),
    registeredAt: timestamp('registered_at', { withTimezone: true }),
    // The end of the waiting period, before which nothing is approved.
    notBefore: timestamp('not_before', { withTimezone: true }),
    dueOn: date('due_on'),
    dueAt: timestamp('due_at', { withTimezone: true }),
    // While the applicant is asked for information: when the term was paused, and the last moment to respond.
    pausedAt: timestamp('paused_at', { withTimezone: true }),
    respondBy: timestamp('respond_by', { withTimezone: true }),
    // When the present term was extended, which is possible once.
    extendedAt: timestamp('extended_at', { withTimezone: true }),
    // The end of a term that passed without a decision, if that was escalated.
    escalatedAt: timestamp('escalated_at', { withTimezone: true }),
    // The officer to whom it is assigned.
    officerId: uuid('officer_id').references(() => parties.id),
    // The note with the open proposal of a decision.
    proposalId: uuid('proposal_id'),
    // The last moment to pay, while a payment is awaited.
    payBy: timestamp('pay_by', { withTimezone: true }),
    decidedAt: timestamp('decided_at', { withTimezone: true }),
    completedAt: timestamp('completed_at', { withTimezone: true }),
  },
  ({ id, agencyId, state, phase, dueAt, serviceId, officerId, submittedAt, changedAt, expiresAt, proposalId }) => [
    // The queue of an agency, in each order: by state; by state of each service or officer; of what nobody has. The state
    // comes last but the order, because pages are read state by state and merged. Where a service is the last column, the
    // index alone filters by it.
    index('applications_submitted').on(agencyId, state, submittedAt, id).where(isSubmitted(submittedAt)),
    index('applications_submitted_by_service')
      .on(agencyId, serviceId, state, submittedAt, id)
      .where(isSubmitted(submittedAt)),
    index('applications_submitted_by_officer')
      .on(agencyId, officerId, state, submittedAt, id, serviceId)
      .where(sql`${isSubmitted(submittedAt)} and ${officerId} is not null`),
    index('applications_submitted_unassigned')
      .on(agencyId, state, submittedAt, id, serviceId)
      .where(sql`${isSubmitted(submittedAt)} and ${isUnassigned({ officerId, phase })}`),
    index('applications_changed').on(agencyId, state, changedAt, id).where(isSubmitted(submittedAt)),
    index('applications_changed_by_service')
      .on(agencyId, serviceId, state, changedAt, id)
      .where(isSubmitted(submittedAt)),
    index('applications_changed_by_officer')
      .on(agencyId, officerId, state, changedAt, id, serviceId)
      .where(sql`${isSubmitted(submittedAt)} and ${officerId} is not null`),
    index('applications_changed_unassigned')
      .on(agencyId, state, changedAt, id, serviceId)
      .where(sql`${isSubmitted(submittedAt)} and ${isUnassigned({ officerId, phase })}`),
    index('applications_due').on(agencyId, state, dueAt, id).where(isDue({ dueAt, phase })),
    index('applications_due_by_service').on(agencyId, serviceId, state, dueAt, id).where(isDue({ dueAt, phase })),
    index('applications_due_by_officer')
      .on(agencyId, officerId, state, dueAt, id, serviceId)
      .where(sql`${isDue({ dueAt, phase })} and ${officerId} is not null`),
    index('applications_due_unassigned')
      .on(agencyId, state, dueAt, id, serviceId)
      .where(sql`${dueAt} is not null and ${isUnassigned({ officerId, phase })}`),
    // Few applications wait for an APPROVER, so this serves every order.
    index('applications_proposed').on(agencyId, state, submittedAt, id).where(sql`${proposalId} is not null`),
    index('applications_drafts').on(expiresAt).where(sql`${state} = 'DRAFT'`),
    check(
      'applications_submitted_check',
      sql`(${state} in ('DRAFT', 'AWAITING_CONFIRMATION')) or ${submittedAt} is not null or ${state} in ('WITHDRAWN', 'AWAITING_PAYMENT', 'EXPIRED')`,
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
