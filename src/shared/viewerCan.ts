import { Field, ObjectType } from 'type-graphql'
import { AllowedTo, anyone } from '../engine/allowedTo.js'
import type { Class } from '../engine/declare.js'

/** Whether the caller may take an action on a noun now. */
export interface ViewerCan<Action extends string> {
  action: Action
  allowed: boolean
  reason: string | null
  /** Written only if it is selected. */
  message: (() => string) | null
  missing?: readonly string[] | undefined
}

/** The type `<Noun>ViewerCan`, over the actions of the noun: a registered enum. */
export function viewerCanOf<Action extends string>(
  noun: string,
  actions: Record<string, Action>,
): Class<ViewerCan<Action>> {
  @AllowedTo(anyone)
  @ObjectType(`${noun}ViewerCan`, {
    simpleResolvers: true,
    description: 'Whether the caller may take an action now.',
  })
  class NounViewerCan implements ViewerCan<Action> {
    @Field(() => actions, { description: 'Action on this object.' })
    action!: Action
    @Field(() => Boolean, { description: 'True if the caller may take the action now.' })
    allowed!: boolean
    @Field(() => String, {
      nullable: true,
      description: 'Stable name of the obstacle, such as "application.wrong_state". Null if the action is allowed.',
    })
    reason!: string | null
    @Field(() => String, {
      nullable: true,
      description:
        'Explanation for people, in the language of `Accept-Language` (az, en, ru). Null if the action is ' +
        'allowed.',
    })
    message!: (() => string) | null
    @Field(() => [String], {
      nullable: true,
      description:
        'Roles of the parties who must still sign, or paths of the answers that must be settled, such as ' +
        '"/applicant/surname". Null if neither is missing.',
    })
    missing?: readonly string[] | undefined
  }
  return NounViewerCan
}
