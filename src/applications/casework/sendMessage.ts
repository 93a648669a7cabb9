import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { Application } from '../application.js'
import { caseFor, doneBy, move } from '../application.repository.js'
import { refusalsOfProse, upToProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'What is written about an application.' })
export class SendMessageInput {
  @Field(() => ID, { description: 'The id of the application.' })
  application!: string
  @Field(() => String, { description: `What is written. ${upToProse}` })
  text!: string
}

export const sendMessage = command({
  name: 'sendMessage',
  description:
    'Writes to the other side of an application that is not decided: the applicant to the agency, or the officer whom it is ' +
    'assigned to to the applicant. It stands in the timeline. For who may apply for the applicant, and that officer.',
  input: SendMessageInput,
  key: 'required',
  creates: false,
  made: { application: { type: Application, description: 'The application as it is now.' } },
  async act(input: SendMessageInput, acting: Acting) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.MESSAGE)
    if ('refused' in found) return found
    const { application, transition, standing, mandates, under } = found
    const mistakes = refusalsOfProse('text', input.text)
    if (mistakes.length > 0) return refused(mistakes)
    await move(tx, context.keyring, {
      application,
      to: transition.to(standing),
      event: transition.event,
      at: context.now(),
      ...doneBy(context),
      // Or an applicant who goes on writing keeps the officer from ever deciding in time.
      text: input.text,
      mandates,
      ids: under,
      revises: false,
    })
    return made({ application: application.id })
  },
})
