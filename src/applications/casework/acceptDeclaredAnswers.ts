import { Field, InputType } from 'type-graphql'
import { pathOf } from '../../catalogue/forms/answers.rules.js'
import { refused } from '../../engine/command.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import { invalid } from '../../shared/userErrors.js'
import { applications } from '../application.table.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { approverLately } from '../decisions/decideApplication.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { accepting, unsettledIn } from './declared.rules.js'

@InputType({ description: 'Input of `acceptDeclaredAnswers`.' })
export class AcceptDeclaredAnswersInput extends SeenApplicationInput {
  @Field(() => [[String]], { description: 'Paths of DECLARED answers, as in `content { sources { at } }`.' })
  answers!: string[][]
  @Field(() => String, { description: `Why the answers can be relied upon. The applicant sees it. ${upToProse}` })
  reason!: string
}

export const acceptDeclaredAnswers = applicationCommand({
  name: 'acceptDeclaredAnswers',
  description:
    'Accepts answers that the applicant gave because a registry was down, so that the application can be decided. ' +
    'Requires the assigned officer with the role APPROVER, signed in within the last 10 minutes with assurance ' +
    'HIGH. Returns MISSING without a reason. Returns INVALID for an answer that is not DECLARED, and without answers.',
  allowedTo: approverLately,
  input: AcceptDeclaredAnswersInput,
  action: Action.ACCEPT_ANSWERS,
  async change({ tx, context, input: { answers: paths, reason }, application, now }) {
    const { id, partyId, unsettled } = application
    const places = new Map(unsettled.map((at) => [JSON.stringify(pathOf(at)), at]))
    const named = paths.map((path) => places.get(JSON.stringify(path)))
    const accepted = named.filter((at) => at !== undefined)
    const userErrors = [
      ...userErrorsInProse('reason', reason),
      ...(paths.length === 0 ? [notDeclared()] : []),
      ...named.flatMap((at, place) => (at === undefined ? [notDeclared(`${place}`)] : [])),
    ]
    if (userErrors.length > 0) return refused(userErrors)
    const key = await keyToEncrypt(tx, context.keyring, partyId)
    const before = decrypt(key, applications, application)
    const prefilled = accepting(before.prefilled, accepted, { at: now, reason })
    const encrypted = encrypt(key, applications, { id, partyId, prefilled })
    return { text: reason, set: { prefilled: encrypted.prefilled, unsettled: unsettledIn(prefilled) } }
  },
})

const notDeclared = (...place: string[]) => invalid('answer.not_declared', ['answers', ...place])
