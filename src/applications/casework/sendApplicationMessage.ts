import { Field, ID, InputType } from 'type-graphql'
import { refused } from '../../engine/command.js'
import { caseOfficesOf } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { only } from '../../shared/context.js'
import { ApplicationInput, applicationCommand } from '../applicationCommand.js'
import { filesOfCaller, readFiles } from '../attachments/officerFiles.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'Input of `sendApplicationMessage`.' })
export class SendApplicationMessageInput extends ApplicationInput {
  @Field(() => String, { description: `Text of the message. ${upToProse}` })
  text!: string
  @Field(() => [ID], { nullable: true, description: `For the officer. ${filesOfCaller}` })
  fileIds?: string[] | null
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
    'Sends a message to the other side: the agency or the applicant. It appears in the timeline. Possible from ' +
    'the registration until the decision. Requires the applicant, a co-applicant who has confirmed, a ' +
    'holder of the power FILE over one of them, or the assigned officer. Returns NOT_ALLOWED_NOW to other officers.',
  allowedTo: eitherSide,
  input: SendApplicationMessageInput,
  key: 'required',
  action: Action.MESSAGE,
  checks: ({ text }) => userErrorsInProse('text', text),
  // Otherwise an applicant who keeps writing would make every decision of the officer return CONFLICT.
  async change(doing) {
    const { text, fileIds } = doing.input
    const { files, userErrors } = await readFiles(doing, fileIds)
    return userErrors.length > 0 ? refused(userErrors) : { text, files, revises: false }
  },
})
