import { Field, InputType, Int } from 'type-graphql'
import { revokeDocuments } from '../../documents/issued/issueDocument.js'
import { refused } from '../../engine/command.js'
import { clearDeadlines } from '../../events/deadlines.js'
import { person } from '../../shared/context.js'
import { ApplicationInput, applicationCommand } from '../applicationCommand.js'
import { deadlinesOf } from '../casework/term.js'
import { emptiedDraft } from '../drafts/draft.repository.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action, granted } from '../transition.rules.js'

@InputType({ description: 'Input of `withdrawApplication`.' })
export class WithdrawApplicationInput extends ApplicationInput {
  @Field(() => Int, {
    nullable: true,
    description: 'Returns CONFLICT if the application has another `revision`. Null skips this check.',
  })
  override revision?: number | null
  @Field(() => String, {
    nullable: true,
    description: `Reason, which the agency sees. Required for an objection to a proactive decision. ${upToProse}`,
  })
  reason?: string | null
}

export const withdrawApplication = applicationCommand({
  name: 'withdrawApplication',
  description:
    'Withdraws an application before the decision. Deletes the answers and files of a draft. A co-applicant who has ' +
    'confirmed takes the consent back, which ends the application for all. After a proactive approval it is the ' +
    'objection of the person: the decision has no effect, and its document is revoked. Requires the applicant, such a ' +
    'co-applicant, or the power FILE over one of them in that service. Returns MISSING for an objection without a ' +
    'reason. Returns NOT_ALLOWED_NOW once it is decided, by an officer or by law, or once the time to object is over.',
  allowedTo: person,
  input: WithdrawApplicationInput,
  action: Action.WITHDRAW,
  async change({ tx, context, application, input: { reason = null }, now }) {
    const isObjection = granted.includes(application.state)
    const userErrors = reason === null && !isObjection ? [] : userErrorsInProse('reason', reason)
    if (userErrors.length > 0) return refused(userErrors)
    await clearDeadlines(tx, deadlinesOf, application.id)
    if (isObjection) await revokeDocuments(tx, application.id, now)
    const emptied = await emptiedDraft(tx, context.keyring, application)
    return { text: reason, set: { ...emptied, expiresAt: null, pausedAt: null, respondBy: null } }
  },
})
