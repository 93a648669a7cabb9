import { and, isNotNull, ne, sql } from 'drizzle-orm'
import { alias, type PgColumn } from 'drizzle-orm/pg-core'
import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../agencies/agency.js'
import { Service } from '../catalogue/services/service.js'
import { services } from '../catalogue/services/service.table.js'
import { ServiceVersion } from '../catalogue/services/serviceVersion.js'
import { Tariff } from '../catalogue/tariffs/tariff.js'
import { mostParts } from '../catalogue/tariffs/tariff.rules.js'
import { IssuedDocument } from '../documents/issued/issuedDocument.js'
import { issuedDocuments } from '../documents/issued/issuedDocument.table.js'
import { AllowedTo } from '../engine/allowedTo.js'
import {
  type Asked,
  ascending,
  asked,
  connection,
  descending,
  fields,
  find,
  many,
  one,
  queries,
  type Row,
  Stored,
} from '../engine/declare.js'
import { Node } from '../engine/node.js'
import { isForCallerAmong } from '../identity/mandates/powers.js'
import { handledByCaller } from '../identity/officers/offices.js'
import { Party } from '../identity/parties/party.resolver.js'
import { ofParty } from '../identity/parties/partyArgument.js'
import { Charge } from '../payments/charges/charge.js'
import { charges } from '../payments/charges/charge.table.js'
import { type Context, hasScope, signedInWith, signedInWithEither } from '../shared/context.js'
import { isOfCode } from '../shared/isOfCode.js'
import { DateTime, LegalDate } from '../shared/scalars.js'
import { viewerCanOf } from '../shared/viewerCan.js'
import { ApplicationOrigin, ApplicationPhase, ApplicationState, applications } from './application.table.js'
import { ApplicationParty } from './applicationParty.js'
import { applicationParties } from './applicationParty.table.js'
import { ApplicationAttachment } from './attachments/attachment.js'
import { attachments } from './attachments/attachment.table.js'
import { ApplicationNote } from './casework/applicationNote.js'
import { applicationNotes } from './casework/applicationNote.table.js'
import { ApplicationAppeal } from './decisions/appeal.js'
import { appeals } from './decisions/appeal.table.js'
import { ApplicationDecision } from './decisions/decision.js'
import { decisions } from './decisions/decision.table.js'
import { ApplicationOpinion } from './opinions/opinion.js'
import { opinions } from './opinions/opinion.table.js'
import { ApplicationFee } from './submission/applicationFee.js'
import { applicationFees } from './submission/applicationFee.table.js'
import { ApplicationTimelineEntry } from './timelineEntry.js'
import { timelineEntries } from './timelineEntry.table.js'
import { ApplicationTransfer } from './transfers/applicationTransfer.js'
import { applicationTransfers } from './transfers/applicationTransfer.table.js'
import { Action } from './transition.rules.js'

registerEnumType(ApplicationState, {
  name: 'ApplicationState',
  description: 'State of an application.',
  valuesConfig: {
    DRAFT: { description: 'The applicant fills it in. Only the applicant sees it.' },
    AWAITING_CONFIRMATION: {
      description: 'Co-applicants or founders have not all confirmed and, if required, signed.',
    },
    AWAITING_ASSESSMENT: {
      description: 'The agency must assess what is to be paid before it registers the application.',
    },
    AWAITING_PAYMENT: {
      description: 'A payment is due by `payBy`, before the agency receives the application. Officers do not see it.',
    },
    SUBMITTED: { description: 'Received. A receipt was issued.' },
    REGISTERED: { description: 'Registered by the agency. The term runs.' },
    IN_REVIEW: { description: 'Assigned to an officer.' },
    INFORMATION_REQUESTED: { description: 'The agency asked the applicant for information. The term is paused.' },
    TRANSFERRED: { description: 'Sent to another agency, which registers it in a moment.' },
    UNDER_APPEAL: {
      description:
        'The decision was appealed. The superior agency, or another officer if there is none, reviews it. The term runs.',
    },
    APPROVED: { description: 'Approved.' },
    AWAITING_FEE: { description: 'Approved, to be paid by `payBy`. The result is issued once it is paid.' },
    READY: { description: 'Approved, and ready to be handed over. What is due at the hand-over is paid by `payBy`.' },
    REFUSED: { description: 'Refused.' },
    DISCONTINUED: { description: 'Ended by the agency without a decision on the request.' },
    WITHDRAWN: { description: 'Withdrawn by the applicant or a co-applicant.' },
    EXPIRED: { description: 'Not submitted, confirmed or paid in time. The party may start a new application.' },
    LAPSED: { description: 'Approved, and not paid in time. The approval has no effect any more.' },
    COMPLETED: { description: 'The result was handed over.' },
  },
})
registerEnumType(ApplicationPhase, {
  name: 'ApplicationPhase',
  description: 'Who is expected to act next on an application.',
  valuesConfig: {
    WAITING_FOR_APPLICANT: { description: 'The applicant, a co-applicant or a founder must act.' },
    WAITING_FOR_AGENCY: { description: 'The agency must act.' },
    CLOSED: { description: 'Nobody must act. A refusal or discontinuation can still be appealed within its term.' },
  },
})
registerEnumType(ApplicationOrigin, {
  name: 'ApplicationOrigin',
  description: 'Who started an application.',
  valuesConfig: {
    APPLICANT: { description: 'The applicant or their representative.' },
    PROACTIVE: { description: 'The agency, for a person who has not applied.' },
  },
})
registerEnumType(Action, {
  name: 'ApplicationAction',
  description: 'Action on an application.',
  valuesConfig: {
    SAVE: { description: 'Save the draft: `saveDraft`.' },
    SIGN: { description: 'Sign the answers and files: `signApplication`.' },
    SUBMIT: { description: 'Submit the draft: `submitApplication`.' },
    CONFIRM: { description: 'Confirm as a co-applicant: `confirmApplication`.' },
    RETURN: {
      description: 'Return to the applicant, because the answers about a co-applicant are wrong: `confirmApplication`.',
    },
    RENEW_INVITATION: { description: 'Replace a lost invitation code: `renewInvitation`.' },
    ASSESS: { description: 'Assess an amount that the tariff does not say: `assessFee`.' },
    PAY: { description: 'Pay the open `charges`: `startPayment`.' },
    RECORD_PAYMENT: { description: 'Record that everything due now was paid. Automatic.' },
    RECORD_REVERSAL: { description: 'Record that the bank took a payment back. Automatic.' },
    WITHDRAW: { description: 'Withdraw the application: `withdrawApplication`.' },
    REGISTER: { description: 'Register at the agency. Automatic.' },
    ASSIGN: { description: 'Assign to an officer: `assignApplication`.' },
    OPEN: { description: 'Read without being assigned, with a reason: `openApplication`.' },
    REQUEST_INFORMATION: { description: 'Ask the applicant for missing information: `requestInformation`.' },
    RESPOND: { description: 'Respond to the request: `respondToRequest`.' },
    RESUME: { description: 'Continue after a request that nobody answered. Automatic.' },
    EXTEND: { description: 'Extend the term, with a reason: `extendTerm`.' },
    ESCALATE: { description: 'Notify the head of the agency that the term is over. Automatic.' },
    TRANSFER: { description: 'Send to the competent agency, with a reason: `transferApplication`.' },
    NOTE: { description: 'Add an internal note: `addNote`.' },
    PROPOSE: { description: 'Propose a decision to an APPROVER: `proposeDecision`.' },
    RETURN_PROPOSAL: { description: 'Return a proposed decision with a comment: `returnProposal`.' },
    MESSAGE: { description: 'Send a message to the other side: `sendApplicationMessage`.' },
    REQUEST_OPINION: { description: 'Ask another agency for its opinion: `requestOpinion`.' },
    WITHDRAW_OPINION_REQUEST: {
      description: 'Withdraw a request for an opinion that is not needed any more: `withdrawOpinionRequest`.',
    },
    GIVE_OPINION: { description: 'Give an opinion that was requested: `giveOpinion` of the other agency.' },
    OPINION_OVERDUE: { description: 'Record that an opinion was not given in time. Automatic.' },
    CONFIRM_ANSWERS: { description: 'Confirm declared answers with a registry. Automatic.' },
    DISPUTE_ANSWERS: { description: 'Record that a registry has another value than a declared answer. Automatic.' },
    ACCEPT_ANSWERS: {
      description: 'Accept answers that no registry has confirmed, with a reason: `acceptDeclaredAnswers`.',
    },
    APPROVE: { description: 'Approve: `decideApplication`.' },
    REFUSE: { description: 'Refuse: `decideApplication`.' },
    DISCONTINUE: { description: 'End without a decision on the request: `decideApplication`.' },
    APPEAL: { description: 'Appeal against the decision: `appealDecision`.' },
    COMPLETE: { description: 'Hand over the result: `completeApplication`.' },
    EXPIRE: { description: 'End an application that was not submitted, confirmed or paid in time. Automatic.' },
    LAPSE: { description: 'End an approval that was not paid in time. Automatic.' },
  },
})

type ApplicationRow = Row<typeof applications>
const readsCases = asked(({ caller }: Context) => hasScope(caller, 'cases:read'))
const readsApplications = asked(({ caller }: Context) => hasScope(caller, 'applications:read'))
const seen = alias(applicationParties, 'seen')
const itsParties = { from: sql`${applicationParties} ${seen}`, key: seen.applicationId, party: seen.partyId }
const isTheirs = (row: ApplicationRow, variant: string | undefined, through?: { partyId: PgColumn }) =>
  isForCallerAmong(itsParties, row, variant, through)

const readsOwn = signedInWith('applications:read')
/** The scopes that let programs see applications: those of parties, and those that an agency handles. */
/** An application reaches its agency once it is submitted and, if a payment is due before, paid. */
const hasReached = ({ agencyId, submittedAt, state }: ApplicationRow) =>
  and(handledByCaller(agencyId), isNotNull(submittedAt), ne(state, ApplicationState.AWAITING_PAYMENT))

const applicationsRead = signedInWithEither('applications:read', 'cases:read')

@AllowedTo(applicationsRead)
@Stored(applications, {
  PERSON: isTheirs,
  PROGRAM: (row: ApplicationRow, variant, through) =>
    and(sql`${readsApplications}::boolean`, isTheirs(row, variant, through)),
  OFFICER: hasReached,
  AGENCY_PROGRAM: (row: ApplicationRow) => and(sql`${readsCases}::boolean`, hasReached(row)),
  AUDITOR: ({ submittedAt }) => isNotNull(submittedAt),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Request of one or more parties for a service. Visible to its parties, and to holders of the power VIEW over ' +
    'one of them in that service. Programs require the scope `applications:read`. After submission, officers of ' +
    'the agency, its programs with the scope `cases:read`, and auditors see it too.',
})
export class Application extends Node {
  @Field(() => String, { description: 'Number with a check character, such as M26-0000123-K.' })
  number!: string
  @Field(() => ApplicationState, { description: 'State of the application.' })
  state!: ApplicationState
  @Field(() => ApplicationPhase, { description: 'Who is expected to act next. Depends on `state` alone.' })
  phase!: ApplicationPhase
  @Field(() => ApplicationOrigin, { description: 'Who started the application.' })
  origin!: ApplicationOrigin
  @Field(() => Int, {
    description: 'Version number. Send it back when you change the application. Messages do not change it.',
  })
  revision!: number
  @Field(() => DateTime, { description: 'When the draft was started.' })
  createdAt!: Date
  @Field(() => DateTime, {
    description: 'When the last change of the application was recorded, which may be later than it takes effect.',
  })
  changedAt!: Date
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the draft expires and its content is deleted. Null if it is not a draft.',
  })
  expiresAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the application was submitted, or the agency opened the case. Null until then.',
  })
  submittedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the agency registered the application. Null until then.',
  })
  registeredAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Earliest moment an approval is allowed. Null if there is no waiting period.',
  })
  notBefore!: Date | null
  @Field(() => LegalDate, {
    nullable: true,
    description:
      'Last day of the term. Null before registration, and if no term is known. The timeline gives the reason for ' +
      'each change.',
  })
  dueOn!: string | null
  @Field(() => DateTime, { nullable: true, description: 'Moment when the term ends. Null if `dueOn` is null.' })
  dueAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When the term was paused. Null if it is not paused.' })
  pausedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Last moment to respond to a request for information. Null if no request is open.',
  })
  respondBy!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the term was extended. A term can be extended once. Null if it was not.',
  })
  extendedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'End of a term that passed without a decision. Null if the case was not escalated.',
  })
  escalatedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Last moment to pay. Null if no payment is awaited.',
  })
  payBy!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When the application was decided. Null until then, and again after an appeal.',
  })
  decidedAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When the result was handed over. Null until then.' })
  completedAt!: Date | null
}

fields(Application, {
  service: one(Service, applications.serviceId, { description: 'Service that the party applies for.' }),
  version: one(ServiceVersion, applications.versionId, {
    description:
      'Version of the service that applies: the one in force when the draft was started, or at a transfer to another ' +
      'service.',
  }),
  formVersion: one(ServiceVersion, applications.formVersionId, {
    description:
      'Version whose form the answers belong to, if a transfer changed the service. Null if that is `version`.',
  }),
  tariff: one(Tariff, applications.tariffId, {
    description:
      'Tariff of the application, settled by its answers at submission. It decides the term, and what is paid and when. Null ' +
      'before submission: see `tariffs`.',
  }),
  fees: many(ApplicationFee, applicationFees.applicationId, {
    order: ascending(applicationFees.position),
    atMost: mostParts,
    description: 'What is to be paid. Empty before submission, and if nothing is.',
  }),
  charges: many(Charge, charges.subjectId, {
    order: ascending(charges.raisedAt),
    atMost: 20,
    cut: true,
    nullable: true,
    description:
      'What is to be paid now, and what was paid or ended, oldest first: one charge for each moment it is due and each ' +
      'currency. Contains only charges that the caller may see.',
  }),
  agency: one(Agency, applications.agencyId, { description: 'Agency that handles the application now.' }),
  applicant: one(Party, applications.partyId, {
    description: 'Party that applies. Null for officers, who see the applicant in `content`.',
  }),
  parties: many(ApplicationParty, applicationParties.applicationId, {
    order: ascending(applicationParties.createdAt),
    description: 'Parties of the application, the applicant first.',
  }),
  timeline: connection(ApplicationTimelineEntry, timelineEntries.applicationId, {
    order: ascending(timelineEntries.at),
    description: 'Events of the application, oldest first.',
  }),
  notes: connection(ApplicationNote, applicationNotes.applicationId, {
    order: ascending(applicationNotes.at),
    description:
      'Internal notes, oldest first, with proposals and their returns. Empty for parties, programs, and officers who may ' +
      'not read the content.',
  }),
  proposal: one(ApplicationNote, applications.proposalId, {
    description: 'Open proposal of a decision. Null if there is none, and for everybody who does not see `notes`.',
  }),
  attachments: many(ApplicationAttachment, attachments.applicationId, {
    order: ascending(attachments.attachedAt),
    atMost: 50,
    description: 'Attached files, oldest first.',
  }),
  decisions: many(ApplicationDecision, decisions.applicationId, {
    order: descending(decisions.at),
    atMost: 20,
    cut: true,
    description: 'Decisions, newest first.',
  }),
  appeals: many(ApplicationAppeal, appeals.applicationId, {
    order: descending(appeals.filedAt),
    atMost: 20,
    cut: true,
    description: 'Appeals, newest first.',
  }),
  transfers: many(ApplicationTransfer, applicationTransfers.applicationId, {
    order: descending(applicationTransfers.at),
    atMost: 20,
    cut: true,
    description: 'Moves to other agencies, newest first.',
  }),
  opinions: many(ApplicationOpinion, opinions.applicationId, {
    order: descending(opinions.askedAt),
    atMost: 20,
    description: 'Opinions that the agency requested of other agencies, newest first.',
  }),
  documents: many(IssuedDocument, issuedDocuments.subjectId, {
    order: descending(issuedDocuments.issuedAt),
    atMost: 50,
    cut: true,
    nullable: true,
    description:
      'Receipts and decisions that were issued, newest first. Contains only documents that the caller may see.',
  }),
})

export const ApplicationViewerCan = viewerCanOf('Application', Action)

@InputType({ description: 'Filters for applications. All conditions must match.' })
export class ApplicationFilter {
  @Field(() => [ApplicationState], { nullable: true, description: 'Only applications in one of these states.' })
  states?: ApplicationState[] | null
  @Field(() => [ApplicationPhase], { nullable: true, description: 'Only applications in one of these phases.' })
  phases?: ApplicationPhase[] | null
  @Field(() => String, { nullable: true, description: 'Only applications for the service with this code.' })
  service?: string | null
}
const conditions = {
  // As text, because the driver does not know the types.
  states: ({ state }: ApplicationRow, all: Asked) => sql`${state} = any(${all}::text[]::application_state[])`,
  phases: ({ phase }: ApplicationRow, all: Asked) => sql`${phase} = any(${all}::text[]::application_phase[])`,
  service: ({ serviceId }: ApplicationRow, code: Asked) => isOfCode(serviceId, services, 'service', code),
}

export const applicationQueries = queries({
  application: find(Application, applications.number, {
    allowedTo: applicationsRead,
    argument: 'Number with its check character, as printed.',
    description: 'Application with this number. Null if the caller sees no such application.',
  }),
  applications: connection(Application, undefined, {
    allowedTo: readsOwn,
    owner: ofParty(applicationParties.partyId, applicationParties.applicationId),
    order: descending(applications.createdAt),
    filter: ApplicationFilter,
    conditions,
    description:
      'Applications of a party, including drafts and those that it confirmed, newest first. Programs require the scope `applications:read`.',
  }),
})
