import { Field, InputType } from 'type-graphql'
import { caseOfficesOf } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { only } from '../../shared/context.js'
import { ApplicationInput, applicationCommand } from '../applicationCommand.js'
import { refusalsOfProse, upToProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'What is written about an application.' })
export class SendApplicationMessageInput extends ApplicationInput {
  @Field(() => String, { description: `What is written. ${upToProse}` })
  text!: string
}

const eitherSide = only(
  'eitherSide',
  'persons, and officers who review or approve',
  ['PERSON', 'OFFICER'],
  ({ kind }) => ({ assurance: kind === 'OFFICER' ? Assurance.HIGH : Assurance.NONE }),
  (caller) => caller.kind === 'PERSON' || caseOfficesOf(caller).length > 0,
)

export const sendApplicationMessage = applicationCommand({
  name: 'sendApplicationMessage',
  description:
    'Writes to the other side of an application that is not decided: the applicant to the agency, or the officer whom it is ' +
    'assigned to to the applicant. It stands in the timeline. For who may apply for the applicant, and that officer.',
  allowedTo: eitherSide,
  input: SendApplicationMessageInput,
  key: 'required',
  action: Action.MESSAGE,
  checks: ({ text }) => refusalsOfProse('text', text),
  // Or an applicant who goes on writing keeps the officer from ever deciding in time.
  change: async ({ input: { text } }) => ({ text, revises: false }),
})
