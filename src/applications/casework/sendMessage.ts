import { Field, InputType } from 'type-graphql'
import { ApplicationInput, applicationCommand } from '../applicationCommand.js'
import { refusalsOfProse, upToProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'What is written about an application.' })
export class SendMessageInput extends ApplicationInput {
  @Field(() => String, { description: `What is written. ${upToProse}` })
  text!: string
}

export const sendMessage = applicationCommand({
  name: 'sendMessage',
  description:
    'Writes to the other side of an application that is not decided: the applicant to the agency, or the officer whom it is ' +
    'assigned to to the applicant. It stands in the timeline. For who may apply for the applicant, and that officer.',
  input: SendMessageInput,
  key: 'required',
  action: Action.MESSAGE,
  checks: ({ text }) => refusalsOfProse('text', text),
  // Or an applicant who goes on writing keeps the officer from ever deciding in time.
  change: async ({ input: { text } }) => ({ text, revises: false }),
})
