import { sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { ascending, fields, leaf, many, one, type Row, Stored, whoSeesItsParent } from '../engine/declare.js'
import type { Context } from '../shared/context.js'
import { messageIn } from '../shared/messages.js'
import { DateTime, LegalDate } from '../shared/scalars.js'
import { ApplicationState } from './application.table.js'
import { OfficerFile } from './attachments/officerFile.js'
import { officerFiles } from './attachments/officerFile.table.js'
import { ApplicationDecision } from './decisions/decision.js'
import { type DueReason, timelineEntries } from './timelineEntry.table.js'
import { ApplicationTransfer } from './transfers/applicationTransfer.js'
import { granted } from './transition.rules.js'

enum TimelineActor {
  APPLICANT = 'APPLICANT',
  OFFICER = 'OFFICER',
  AGENCY_PROGRAM = 'AGENCY_PROGRAM',
  SYSTEM = 'SYSTEM',
}
registerEnumType(TimelineActor, {
  name: 'TimelineActor',
  description: 'Who caused an event.',
  valuesConfig: {
    APPLICANT: { description: 'The applicant, a representative or a co-applicant.' },
    OFFICER: { description: 'An officer of the agency, or of another agency whose opinion was requested.' },
    AGENCY_PROGRAM: { description: 'A program of the agency.' },
    SYSTEM: { description: 'Nobody. It happened automatically.' },
  },
})
const actors = new Map([
  ['person', TimelineActor.APPLICANT],
  ['program', TimelineActor.APPLICANT],
  ['officer', TimelineActor.OFFICER],
  ['agency_program', TimelineActor.AGENCY_PROGRAM],
])
/** An actor's ID begins with the kind of caller. */
const actorIn = (actor: string) => actors.get(actor.split(':')[0] ?? '') ?? TimelineActor.SYSTEM
const actorCases = (actor: PgColumn) =>
  [...actors].map(([kind, shown]) => sql`when split_part(${actor}, ':', 1) = ${kind} then ${shown}`)

@AllowedTo(anyone)
@Stored(timelineEntries, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Event in the history of an application.' })
export class ApplicationTimelineEntry {
  @Field(() => String, {
    description:
      'Type of the event, as a dotted name that stays the same: "application.submitted". New types may be added.',
  })
  type!: string
  @Field(() => DateTime, { description: 'When it happened.' })
  at!: Date
  @Field(() => ApplicationState, { nullable: true, description: 'State before the event. Null for the first event.' })
  fromState!: ApplicationState | null
  @Field(() => ApplicationState, { description: 'State after the event.' })
  toState!: ApplicationState
  @Field(() => LegalDate, {
    nullable: true,
    description: 'New last day of the term, or to pay. Null if neither changed, or the end became unknown.',
  })
  dueOn!: string | null
  @Field(() => String, {
    nullable: true,
    description:
      'Why the term changed, as a dotted name that stays the same: "term.resumed". Null if it did not change.',
  })
  dueReason!: DueReason | null
}

type Entry = typeof timelineEntries.$inferSelect
/** What happened, where the type alone does not say it to a layman. The rest have a text for their type. */
const titleIn = ({ type, actor, fromState }: Entry): string => {
  const by = actorIn(actor)
  if (type === 'application.message_sent' && by === TimelineActor.APPLICANT) return 'timeline.message_from_party'
  if (type === 'application.withdrawn' && fromState && granted.includes(fromState)) return 'timeline.objected'
  if (by !== TimelineActor.SYSTEM) return type.replace('application', 'timeline')
  if (type === 'application.transferred') return 'timeline.forwarded'
  if (type === 'application.approved') return 'timeline.deemed_approved'
  return type === 'application.refused' ? 'timeline.deemed_refused' : type.replace('application', 'timeline')
}
const inTheirLanguage = 'In the language of `Accept-Language` (az, en, ru). The wording may change.'

fields(ApplicationTimelineEntry, {
  title: {
    ...leaf(
      () => String,
      [timelineEntries.type, timelineEntries.actor, timelineEntries.fromState],
      (entry: Entry, { language }: Context) => messageIn(language, { reason: titleIn(entry) }),
      {
        description: `What happened, as a sentence for people: "The agency registered the application." ${inTheirLanguage}`,
        isSameForAll: true,
      },
    ),
    nullable: false,
  },
  dueText: leaf(
    () => String,
    [timelineEntries.dueReason],
    ({ dueReason }: Entry, { language }: Context) =>
      dueReason && messageIn(language, { reason: dueReason.replace('term', 'due') }),
    {
      description: `Why the term changed, as a sentence for people. Null if it did not change. ${inTheirLanguage}`,
      isSameForAll: true,
    },
  ),
  transfer: one(ApplicationTransfer, timelineEntries.transferId, {
    description: 'Move to another agency that the event caused. Null if the agency did not change.',
  }),
  by: leaf(
    () => TimelineActor,
    [timelineEntries.actor],
    ({ actor }: { actor: string }) => actorIn(actor),
    {
      description: 'Who caused the event.',
      sql: ({ actor }: Row<typeof timelineEntries>) =>
        sql`case ${sql.join(actorCases(actor), sql` `)} else 'SYSTEM' end`,
    },
  ),
  decision: one(ApplicationDecision, timelineEntries.decisionId, {
    description: 'Decision that was made. Null for other events.',
  }),
  files: many(OfficerFile, officerFiles.ofId, {
    order: ascending(officerFiles.position),
    description: 'Files that an officer sent with the event, in their order.',
  }),
})
