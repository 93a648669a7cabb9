import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { Application } from '../application.js'
import { caseFor, doneBy, move } from '../application.repository.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'Of which application the result was handed over.' })
export class CompleteApplicationInput {
  @Field(() => ID, { description: 'The id of the application.' })
  application!: string
  @Field(() => Int, {
    nullable: true,
    description: 'The `revision` that was seen; null: whatever became of it meanwhile.',
  })
  revision?: number | null
}

export const completeApplication = command({
  name: 'completeApplication',
  description: 'Says that the result was handed over. For the officer whom the application is assigned to.',
  input: CompleteApplicationInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'The application as it is now.' } },
  async act(input: CompleteApplicationInput, acting: Acting) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.COMPLETE)
    if ('refused' in found) return found
    const { application, transition, standing, under } = found
    const at = context.now()
    await move(tx, context.keyring, {
      application,
      to: transition.to(standing),
      event: transition.event,
      at,
      ...doneBy(context),
      set: { completedAt: at },
      ids: under,
    })
    return made({ application: application.id })
  },
})
