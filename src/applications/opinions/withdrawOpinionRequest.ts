import { Field, ID, InputType } from 'type-graphql'
import { refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { ApplicationInput, applicationCommand } from '../applicationCommand.js'
import { Action } from '../transition.rules.js'
import { withdrawOpinions } from './opinion.repository.js'

@InputType({ description: 'Input of `withdrawOpinionRequest`.' })
export class WithdrawOpinionRequestInput extends ApplicationInput {
  @Field(() => ID, { description: 'ID of the opinion, from `Application.opinions`.' })
  opinionId!: string
}

export const withdrawOpinionRequest = applicationCommand({
  name: 'withdrawOpinionRequest',
  description:
    'Withdraws a request for an opinion that is no longer needed, and informs the asked agency. Requires the assigned ' +
    'officer. Returns NOT_FOUND if the application has no such open request.',
  allowedTo: caseOfficer,
  input: WithdrawOpinionRequestInput,
  action: Action.WITHDRAW_OPINION_REQUEST,
  async change({ tx, context, input, application, now: at }) {
    const id = keyIn(input.opinionId, 'ApplicationOpinion')
    const [ended] = await withdrawOpinions(tx, application, { at, actor: context.caller.id, id })
    return ended ? { ids: { opinion: ended.id } } : refused([unknownOpinion])
  },
})

export const unknownOpinion: UserError = { code: 'NOT_FOUND', reason: 'opinion.unknown', field: ['opinionId'] }
