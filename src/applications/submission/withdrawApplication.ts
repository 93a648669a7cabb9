import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline } from '../../events/deadlines.js'
import { Application } from '../application.js'
import { caseFor, move } from '../application.repository.js'
import { deadlinesOf } from '../casework/term.js'
import { emptiedDraft } from '../drafts/draft.repository.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'Which application is taken back.' })
export class WithdrawApplicationInput {
  @Field(() => ID, { description: 'The id of the application.' })
  application!: string
  @Field(() => Int, {
    nullable: true,
    description: 'The `revision` that was seen; null: whatever became of it meanwhile.',
  })
  revision?: number | null
}

export const withdrawApplication = command({
  name: 'withdrawApplication',
  description:
    'Takes an application back that is not decided: nothing more is done about it. What a draft said, and what was ' +
    'put to it, is taken out. For who may apply for the applicant.',
  input: WithdrawApplicationInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'The application as it is now.' } },
  async act(input: WithdrawApplicationInput, acting: Acting) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.WITHDRAW)
    if ('refused' in found) return found
    const { application, transition, standing, mandates } = found
    for (const type of deadlinesOf) await clearDeadline(tx, type, application.id)
    const emptied = await emptiedDraft(tx, context.keyring, application)
    await move(tx, context.keyring, {
      application,
      to: transition.to(standing),
      event: transition.event,
      at: context.now(),
      actor: context.caller.id,
      mandates,
      set: { ...emptied, expiresAt: null, pausedAt: null, respondBy: null },
    })
    return made({ application: application.id })
  },
})
