import { Extensions, Field, ID, Int, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import { declaredEventTypes, type EventType } from '../events/eventType.js'
import { type Caller, hasScope, highestAssuranceSoFar, isProgram, only, type ProgramScope } from '../shared/context.js'
import { DateTime } from '../shared/scalars.js'

/** An event type that parties see. */
export type ShownType = EventType & Record<'subject' | 'shown', object>
const isShown = (type: EventType): type is ShownType => type.subject !== null && type.shown !== null
let known: ReadonlyMap<string, ShownType> | undefined
/** The event types that parties see, by name. */
export function knownTypes(): ReadonlyMap<string, ShownType> {
  known ??= new Map([...declaredEventTypes().values()].filter(isShown).map((one) => [one.type, one]))
  return known
}

/** True for anyone but a program without any of these permissions. */
export const hasOneOf = (caller: Caller, scopes: readonly ProgramScope[]): boolean =>
  scopes.some((scope) => hasScope(caller, scope))

/** Whether the caller may read changes of that type, of their own party or of another. */
export const mayRead = (caller: Caller, { shown: { scopes, ofOwnAlone } }: ShownType, isOwn: boolean): boolean =>
  hasOneOf(caller, scopes) && (isOwn || !ofOwnAlone || !isProgram(caller))

const readsSome = (caller: Caller) => [...knownTypes().values()].some(({ shown }) => hasOneOf(caller, shown.scopes))
export const readers = only(
  'readsChanges',
  'persons, and programs with a scope that reads something',
  ['PERSON', 'PROGRAM'],
  highestAssuranceSoFar,
  readsSome,
)

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Something else that a change is about.' })
export class ChangeReference {
  @Field(() => String, { description: 'What it is, such as `charge`. docs/changes.md lists the names of each type.' })
  name!: string
  @Field(() => ID, { description: 'Its id, for `node`.' })
  id!: string
}

@AllowedTo(anyone)
@ObjectType({
  simpleResolvers: true,
  description:
    'Something that happened to what a party has. It has ids only: read the present state with `nodes(ids)`. docs/changes.md lists ' +
    'the types.',
})
export class Change {
  @Field(() => String, { description: 'Position in the feed. Pass it as `after` to read what follows.' })
  cursor!: string
  @Field(() => String, { description: 'Type, such as `charge.paid`. Ignore types that you do not know.' })
  type!: string
  @Field(() => Int, { description: 'Version of the type. It grows when the meaning of the type changes.' })
  version!: number
  @Field(() => DateTime, { description: 'When it took effect. Changes are in the order of commits, not of this time.' })
  at!: Date
  @Field(() => String, { nullable: true, description: 'Code of the service. Null if the change belongs to none.' })
  serviceCode!: string | null
  @Field(() => ID, { description: 'ID of what changed, for `node`.' })
  subjectId!: string
  @Field(() => String, { description: 'GraphQL type of what changed, such as `Charge`.' })
  subjectType!: string
  @Extensions({ atMost: 4 })
  @Field(() => [ChangeReference], { description: 'What else the change is about.' })
  references!: ChangeReference[]
  @Field(() => Boolean, {
    description: 'True if what changed exists no more. Remove your copy then.',
  })
  isGone!: boolean
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'Where to continue a feed.' })
export class ChangePageInfo {
  @Field(() => String, { description: 'Store it, and pass it as `after` next time. Also set if the page is empty.' })
  endCursor!: string
  @Field(() => Boolean, {
    description: 'True if more may follow at once, even after an empty page. Otherwise ask again later.',
  })
  hasNextPage!: boolean
}

@AllowedTo(anyone)
@ObjectType({ simpleResolvers: true, description: 'One page of the feed of a party.' })
export class ChangePage {
  @Field(() => [Change], { description: 'Changes, in the order of their commits.' })
  nodes!: Change[]
  @Field(() => ChangePageInfo, { description: 'Where to continue.' })
  pageInfo!: ChangePageInfo
}
