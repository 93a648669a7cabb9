import { Field, InputType } from 'type-graphql'
import type { UserError } from '../../engine/userError.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { ownPartyOf } from '../../shared/context.js'
import { longest, refusalsOfText, upTo } from '../../shared/texts.rules.js'
import { missing } from '../../shared/userErrors.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { refusalsOfProse, upToProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { decide } from './decision.repository.js'
import { DecisionOutcome } from './decision.table.js'

@InputType({ description: 'What is decided on an application.' })
export class DecideApplicationInput extends SeenApplicationInput {
  @Field(() => DecisionOutcome, { description: 'What is decided.' })
  outcome!: DecisionOutcome
  @Field(() => String, {
    nullable: true,
    description: `Why it is refused or discontinued, which must be said; of an approval what is granted. ${upToProse}`,
  })
  reasoning?: string | null
  @Field(() => String, {
    nullable: true,
    description: `The norm that it rests upon, which must be named where it is refused or discontinued. ${upTo.reference}`,
  })
  norm?: string | null
}

const actions: Record<DecisionOutcome, Action> = {
  [DecisionOutcome.APPROVED]: Action.APPROVE,
  [DecisionOutcome.REFUSED]: Action.REFUSE,
  [DecisionOutcome.DISCONTINUED]: Action.DISCONTINUE,
}

/** What cannot be taken back takes a signature of just now. */
const approverLately = officer(OfficerRole.APPROVER, { assurance: Assurance.HIGH, within: 600 })

export const decideApplication = applicationCommand({
  name: 'decideApplication',
  description:
    'Decides on an application. The decision names the officer, says where and until when to appeal, and is sealed by the ' +
    'agency a moment later. For the officer whom it is assigned to, who approves and has signed in within the last 10 minutes.',
  allowedTo: approverLately,
  input: DecideApplicationInput,
  key: 'required',
  creates: true,
  action: ({ outcome }) => actions[outcome],
  checks: refusalsOf,
  async change(doing) {
    const { context, application, process, now: at } = doing
    const { outcome, reasoning = null, norm = null } = doing.input
    const officerId = ownPartyOf(context.caller)
    return { set: await decide(doing, { application, process, outcome, reasoning, norm, at, officerId }) }
  },
})

function refusalsOf({ outcome, reasoning, norm }: DecideApplicationInput): UserError[] {
  const mustSay = outcome !== DecisionOutcome.APPROVED
  return [
    ...(reasoning == null && !mustSay ? [] : refusalsOfProse('reasoning', reasoning)),
    ...(norm == null && mustSay ? [noNorm] : refusalsOfText(['norm'], norm, longest.reference)),
  ]
}

const noNorm = missing('decision.norm', ['norm'])
