import { and, isNotNull, or, sql } from 'drizzle-orm'
import { Field, InputType, Int, ObjectType } from 'type-graphql'
import { Agency } from '../agencies/agency.js'
import { Service } from '../catalogue/services/service.js'
import { services } from '../catalogue/services/service.table.js'
import { ServiceVersion } from '../catalogue/services/serviceVersion.js'
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
import { isForCaller, ownParty } from '../identity/mandates/powers.js'
import { handledByCaller } from '../identity/officers/offices.js'
import { Party } from '../identity/parties/party.resolver.js'
import { ofParty } from '../identity/parties/partyArgument.js'
import { type Context, callerKinds, hasScope, only } from '../shared/context.js'
import { isOfCode } from '../shared/isOfCode.js'
import { DateTime, LegalDate } from '../shared/scalars.js'
import { viewerCanOf } from '../shared/viewerCan.js'
import { Action, ApplicationOrigin, ApplicationState } from './application.enums.js'
import { applications } from './application.table.js'
import { ApplicationAttachment } from './attachments/attachment.js'
import { attachments } from './attachments/attachment.table.js'
import { ApplicationAppeal } from './decisions/appeal.js'
import { appeals } from './decisions/appeal.table.js'
import { ApplicationDecision } from './decisions/decision.js'
import { decisions } from './decisions/decision.table.js'
import { ApplicationTimelineEntry } from './timelineEntry.js'
import { timelineEntries } from './timelineEntry.table.js'

type ApplicationRow = Row<typeof applications>
const readsApplications = asked(({ caller }: Context) => hasScope(caller, 'applications:read'))
const isOwn = ({ partyId, serviceCode, id }: ApplicationRow) =>
  or(
    isForCaller(partyId, serviceCode),
    sql`exists (select from co_applicants where co_applicants.application_id = ${id} and co_applicants.party_id = ${ownParty}::uuid)`,
  )

/** Whose, is told by the noun. */
const applicationsRead = only(
  'applicationsRead',
  'who is signed in, and programs with the scope applications:read',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
  {},
  (caller) => hasScope(caller, 'applications:read'),
)

@AllowedTo(applicationsRead)
@Stored(applications, {
  PERSON: isOwn,
  PROGRAM: (row) => and(sql`${readsApplications}::boolean`, isForCaller(row.partyId, row.serviceCode)),
  OFFICER: ({ agencyId, submittedAt }) => and(handledByCaller(agencyId), isNotNull(submittedAt)),
  AUDITOR: ({ submittedAt }) => isNotNull(submittedAt),
})
@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'A request by a party for a service. Seen by the applicant, by whoever has the power VIEW over them in that service, by ' +
    'those who apply together, of programs by those with the scope `applications:read`; once it was sent, by the officers of ' +
    'the agency that handles it, and auditors.',
})
export class Application extends Node {
  @Field(() => String, { description: 'Its number, with a check character: "M26-0000123-K".' })
  number!: string
  @Field(() => ApplicationState, { description: 'Where it stands.' })
  state!: ApplicationState
  @Field(() => ApplicationOrigin, { description: 'Who began it.' })
  origin!: ApplicationOrigin
  @Field(() => Int, { description: 'Counts its changes, but no messages: whoever changes it says which they saw.' })
  revision!: number
  @Field(() => DateTime, { description: 'When it was begun.' })
  createdAt!: Date
  @Field(() => DateTime, { nullable: true, description: 'When a draft is taken out that nobody sends; else null.' })
  expiresAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When it came; null of a draft.' })
  submittedAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When the agency entered it; null: not yet.' })
  registeredAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Before then the law wants nothing decided; null: it may be at once.',
  })
  notBefore!: Date | null
  @Field(() => LegalDate, {
    nullable: true,
    description:
      'The last day of its term; null before it is registered, and where no term is known. Why it changed stands in the timeline.',
  })
  dueOn!: string | null
  @Field(() => DateTime, { nullable: true, description: 'The end of its term.' })
  dueAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'Since when the term stands still; null: it runs.' })
  pausedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'Until when the applicant may give what was asked for; null: nothing is asked for.',
  })
  respondBy!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'When its term was extended, which is done once; null: it was not.',
  })
  extendedAt!: Date | null
  @Field(() => DateTime, {
    nullable: true,
    description: 'The end of its term, where that went by without a decision; null: it did not.',
  })
  escalatedAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When it was decided; null: not yet.' })
  decidedAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When the result was handed over; null: not yet.' })
  completedAt!: Date | null
}

fields(Application, {
  service: one(Service, applications.serviceId, { description: 'What is asked for.' }),
  version: one(ServiceVersion, applications.versionId, {
    description: 'The rules it goes by: those of when it was begun.',
  }),
  agency: one(Agency, applications.agencyId, { description: 'Who handles it.' }),
  applicant: one(Party, applications.partyId, {
    description: 'Who asks. Null to officers, who see the applicant with the answers.',
  }),
  timeline: connection(ApplicationTimelineEntry, timelineEntries.applicationId, {
    order: ascending(timelineEntries.at),
    description: 'What happened, in order.',
  }),
  attachments: many(ApplicationAttachment, attachments.applicationId, {
    order: ascending(attachments.attachedAt),
    atMost: 50,
    description: 'The files that go with it.',
  }),
  decisions: many(ApplicationDecision, decisions.applicationId, {
    order: descending(decisions.at),
    atMost: 20,
    cut: true,
    description: 'What was decided, the last one first.',
  }),
  appeals: many(ApplicationAppeal, appeals.applicationId, {
    order: descending(appeals.filedAt),
    atMost: 20,
    cut: true,
    description: 'What was said against decisions, the last one first.',
  }),
  documents: many(IssuedDocument, issuedDocuments.subjectId, {
    order: descending(issuedDocuments.issuedAt),
    atMost: 50,
    cut: true,
    nullable: true,
    description: 'The receipts and decisions that were issued on it, the newest first: those that the caller may see.',
  }),
})

export const ApplicationViewerCan = viewerCanOf('Application', Action)

@InputType({ description: 'Which applications of a party.' })
export class ApplicationFilter {
  @Field(() => ApplicationState, { nullable: true, description: 'Those in that state.' })
  state?: ApplicationState | null
  @Field(() => String, { nullable: true, description: 'Those for the service of that code.' })
  service?: string | null
}
const conditions = {
  service: ({ serviceId }: ApplicationRow, code: Asked) => isOfCode(serviceId, services, 'service', code),
}

export const applicationQueries = queries({
  application: find(Application, applications.number, {
    allowedTo: applicationsRead,
    argument: 'Its number, as it is printed: with its check character.',
    description: 'One application by its number; null where there is none for this caller.',
  }),
  applications: connection(Application, undefined, {
    allowedTo: applicationsRead,
    owner: ofParty(applications.partyId),
    order: descending(applications.createdAt),
    filter: ApplicationFilter,
    conditions,
    description: 'The applications of a party, drafts too, the newest first. Of a program with `applications:read`.',
  }),
})
