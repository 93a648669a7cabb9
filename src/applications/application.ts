import { and, eq, isNotNull, or, sql } from 'drizzle-orm'
import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Agency } from '../agencies/agency.js'
import { RequiredDocument } from '../catalogue/regulation.js'
import { Service } from '../catalogue/service.js'
import { ServiceVersion } from '../catalogue/serviceVersion.js'
import {
  ascending,
  asked,
  descending,
  fields,
  leaf,
  many,
  one,
  type Row,
  Stored,
  whoSeesItsParent,
} from '../engine/declare.js'
import { Node } from '../engine/nodeId.js'
import { handledByCaller } from '../identity/offices.js'
import { Party } from '../identity/party.resolver.js'
import { isForCaller, ownParty } from '../identity/powers.js'
import { type Context, hasScope } from '../shared/context.js'
import { DateTime, LegalDate } from '../shared/scalars.js'
import {
  ApplicationOrigin,
  ApplicationState,
  applications,
  attachments,
  DecisionOutcome,
  decisions,
  timelineEntries,
} from './application.table.js'
import { Action, messageOf, type Reason } from './transition.rules.js'

registerEnumType(ApplicationState, {
  name: 'ApplicationState',
  description: 'Where an application stands.',
  valuesConfig: {
    DRAFT: { description: 'Being filled in. Only the applicant sees it.' },
    AWAITING_CONFIRMATION: { description: 'Waits for those who apply together to confirm it.' },
    AWAITING_PAYMENT: { description: 'Waits to be paid for: before it is looked at, or once it is approved.' },
    SUBMITTED: { description: 'It came, and a receipt was given.' },
    REGISTERED: { description: 'The agency has entered it: from here its term runs.' },
    IN_REVIEW: { description: 'An officer looks at it.' },
    INFORMATION_REQUESTED: { description: 'Waits for what the applicant was asked for; the term stands still.' },
    APPROVED: { description: 'What was asked for is granted.' },
    REFUSED: { description: 'What was asked for is refused.' },
    DISCONTINUED: { description: 'Ended without a decision on what was asked for.' },
    WITHDRAWN: { description: 'Taken back by the applicant.' },
    COMPLETED: { description: 'The result was handed over.' },
  },
})
registerEnumType(ApplicationOrigin, {
  name: 'ApplicationOrigin',
  description: 'Who began an application.',
  valuesConfig: {
    APPLICANT: { description: 'The applicant, or who acts for them.' },
    PROACTIVE: { description: 'The agency, for a person.' },
  },
})
registerEnumType(DecisionOutcome, {
  name: 'DecisionOutcome',
  description: 'What was decided.',
  valuesConfig: {
    APPROVED: { description: 'What was asked for is granted.' },
    REFUSED: { description: 'It is refused.' },
    DISCONTINUED: { description: 'The proceedings are ended without a decision on it.' },
  },
})
registerEnumType(Action, {
  name: 'ApplicationAction',
  description: 'What is done to an application.',
  valuesConfig: {
    SAVE: { description: 'Change the draft: `saveDraft`.' },
    SUBMIT: { description: 'Send it: `submitApplication`.' },
    CONFIRM: { description: 'Confirm it as one of those who apply together: `confirmApplication`.' },
    PAY: { description: 'Pay for it.' },
    WITHDRAW: { description: 'Take it back: `withdrawApplication`.' },
    REGISTER: { description: 'Enter it in the register of the agency. By itself.' },
    ASSIGN: { description: 'Give it to an officer: `assignApplication`.' },
    REQUEST_INFORMATION: { description: 'Ask the applicant for what is missing: `requestInformation`.' },
    RESPOND: { description: 'Give what was asked for: `respondToRequest`.' },
    EXTEND: { description: 'Take more time, with a reason: `extendTerm`.' },
    MESSAGE: { description: 'Write to the other side: `sendMessage`.' },
    APPROVE: { description: 'Grant it: `decideApplication`.' },
    REFUSE: { description: 'Refuse it: `decideApplication`.' },
    DISCONTINUE: { description: 'End it without a decision: `decideApplication`.' },
    APPEAL: { description: 'Appeal against the decision: `appealDecision`.' },
    COMPLETE: { description: 'Hand over the result: `completeApplication`.' },
    EXPIRE: { description: 'End a draft that nobody sent. By itself.' },
  },
})

type ApplicationRow = Row<typeof applications>
const readsApplications = asked(({ caller }: Context) => hasScope(caller, 'applications:read'))
const isOwn = ({ partyId, serviceCode, id }: ApplicationRow) =>
  or(
    isForCaller(partyId, serviceCode),
    sql`exists (select from co_applicants where co_applicants.application_id = ${id} and co_applicants.party_id = ${ownParty}::uuid)`,
  )

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
  @Field(() => Int, { description: 'Counts its changes: whoever changes it says which they saw.' })
  revision!: number
  @Field(() => DateTime, { description: 'When it was begun.' })
  since!: Date
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
  @Field(() => DateTime, { nullable: true, description: 'When it was decided; null: not yet.' })
  decidedAt!: Date | null
  @Field(() => DateTime, { nullable: true, description: 'When the result was handed over; null: not yet.' })
  completedAt!: Date | null
}

@Stored(timelineEntries, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Something that happened to an application.' })
export class TimelineEntry {
  @Field(() => String, {
    description:
      'What happened, as a dotted name that stays: "application.submitted". New ones may be added at any time.',
  })
  type!: string
  @Field(() => DateTime, { description: 'When.' })
  at!: Date
  @Field(() => ApplicationState, { nullable: true, description: 'The state before; null at its beginning.' })
  fromState!: ApplicationState | null
  @Field(() => ApplicationState, { description: 'The state since then.' })
  toState!: ApplicationState
  @Field(() => LegalDate, { nullable: true, description: 'The last day of its term since then, where it changed.' })
  dueOn!: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Why the term changed, as a dotted name that stays: "term.registered", "term.resumed".',
  })
  dueReason!: string | null
}

@Stored(attachments, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'A file that goes with an application.' })
export class Attachment {
  @Field(() => DateTime, { description: 'When it was attached.' })
  since!: Date
}

@Stored(decisions, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'What an agency decided, or what the law takes to be decided.' })
export class Decision {
  @Field(() => DecisionOutcome, { description: 'What was decided.' })
  outcome!: DecisionOutcome
  @Field(() => DateTime, { description: 'With effect at.' })
  at!: Date
  @Field(() => String, { nullable: true, description: 'Where to appeal; null where there is nothing to appeal.' })
  appealTo!: string | null
  @Field(() => DateTime, { nullable: true, description: 'Until when; null where there is nothing to appeal.' })
  appealUntil!: Date | null
}
fields(Decision, {
  deemed: leaf(
    () => Boolean,
    [decisions.officerId],
    ({ officerId }: { officerId: string | null }) => officerId === null,
    {
      description: 'Whether nobody decided, and the law takes it to be so since the term was over.',
      nullable: false,
    },
  ),
})

fields(Attachment, {
  requiredDocument: one(RequiredDocument, attachments.requiredDocumentId, {
    description: 'Which of the documents that the service asks for it is; null: something beside them.',
  }),
})

fields(Application, {
  service: one(Service, applications.serviceId, { description: 'What is asked for.' }),
  version: one(ServiceVersion, applications.versionId, {
    description: 'The rules it goes by: those of when it was begun.',
  }),
  agency: one(Agency, applications.agencyId, { description: 'Who handles it.' }),
  applicant: one(Party, applications.partyId, {
    description: 'Who asks. Null to officers, who see the applicant with the answers.',
  }),
  timeline: many(TimelineEntry, timelineEntries.applicationId, {
    ...{ order: ascending(timelineEntries.at), atMost: 200, cut: true },
    description: 'What happened, in order; at most the first 200.',
  }),
  attachments: many(Attachment, attachments.applicationId, {
    ...{ order: ascending(attachments.since), atMost: 50 },
    description: 'The files that go with it.',
  }),
  decisions: many(Decision, decisions.applicationId, {
    ...{ order: descending(decisions.at), atMost: 20 },
    description: 'What was decided, the last one first.',
  }),
})

@ObjectType({ simpleResolvers: true, description: 'Whether the caller may do something now.' })
export class ViewerCan {
  @Field(() => Action, { description: 'What.' })
  action!: Action
  @Field(() => Boolean, { description: 'Whether they may.' })
  allowed!: boolean
  @Field(() => String, {
    nullable: true,
    description: 'Why not, as a dotted name that stays: "application.wrong_state". Null where they may.',
  })
  reason!: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Why not, for people, in the language of `Accept-Language` (az, en, ru).',
  })
  message!: string | null
}
export const refusedFor = (reason: Reason) => ({ reason: `application.${reason}`, message: messageOf(reason) })

@InputType({ description: 'Which applications of a party.' })
export class ApplicationFilter {
  @Field(() => ApplicationState, { nullable: true, description: 'Those in that state.' })
  state?: ApplicationState | null
  @Field(() => String, { nullable: true, description: 'Those for the service of that code.' })
  service?: string | null
}
export const applicationConditions = {
  service: (row: ApplicationRow, code: unknown) => eq(row.serviceCode, code as string), // as the filter has it
}
