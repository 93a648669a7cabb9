import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { fields, leaf, Stored, whoSeesItsParent } from '../engine/declare.js'
import { DateTime, LegalDate } from '../shared/scalars.js'
import { ApplicationState } from './application.enums.js'
import { timelineEntries } from './timelineEntry.table.js'

/** Whose doing something was. */
enum TimelineActor {
  APPLICANT = 'APPLICANT',
  OFFICER = 'OFFICER',
  SYSTEM = 'SYSTEM',
}
registerEnumType(TimelineActor, {
  name: 'TimelineActor',
  description: 'Whose doing something was.',
  valuesConfig: {
    APPLICANT: { description: 'The applicant, who acts for them, or one who applies with them.' },
    OFFICER: { description: 'An officer of the agency.' },
    SYSTEM: { description: 'Nobody: it came by itself, at its time or by machine.' },
  },
})
const actors: Record<string, TimelineActor> = {
  person: TimelineActor.APPLICANT,
  program: TimelineActor.APPLICANT,
  officer: TimelineActor.OFFICER,
}
/** By the kind of caller that an id begins with. */
const actorIn = (actor: string) => actors[actor.split(':')[0] ?? ''] ?? TimelineActor.SYSTEM

@AllowedTo(anyone)
@Stored(timelineEntries, whoSeesItsParent)
@ObjectType({ simpleResolvers: true, description: 'Something that happened to an application.' })
export class ApplicationTimelineEntry {
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
fields(ApplicationTimelineEntry, {
  by: leaf(
    () => TimelineActor,
    [timelineEntries.actor],
    ({ actor }: { actor: string }) => actorIn(actor),
    {
      description: 'Whose doing it was.',
    },
  ),
})
