import { Field, ID, InputType, Int } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Mistake } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { missing } from '../../shared/mistakes.js'
import { longest, refusalsOfText, upTo } from '../../shared/texts.rules.js'
import { Application } from '../application.js'
import { caseFor } from '../application.repository.js'
import { refusalsOfProse, upToProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { decide } from './decision.repository.js'
import { DecisionOutcome } from './decision.table.js'

@InputType({ description: 'What is decided on an application.' })
export class DecideApplicationInput {
  @Field(() => ID, { description: 'The id of the application.' })
  application!: string
  @Field(() => Int, { description: 'The `revision` that was seen: of two who decide at once, one does.' })
  revision!: number
  @Field(() => DecisionOutcome, { description: 'What is decided.' })
  outcome!: DecisionOutcome
  @Field(() => String, {
    nullable: true,
    description: `Why it is refused or discontinued, which must be said; of an approval what is granted. ${upToProse}`,
  })
  ground?: string | null
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

export const decideApplication = command({
  name: 'decideApplication',
  description:
    'Decides on an application. The decision names the officer, says where and until when to appeal, and is sealed by the ' +
    'agency a moment later. For the officer whom it is assigned to, who approves and has signed in within the last 10 minutes.',
  input: DecideApplicationInput,
  key: 'required',
  creates: true,
  made: { application: { type: Application, description: 'The application as it is now.' } },
  async act(input: DecideApplicationInput, acting: Acting) {
    const { context } = acting
    const { outcome, ground = null, norm = null } = input
    const found = await caseFor(acting, input, actions[outcome])
    if ('refused' in found) return found
    const { application, transition, standing, process, under } = found
    const mistakes = refusalsOf(input)
    if (mistakes.length > 0) return refused(mistakes)
    await decide(acting, {
      application,
      process,
      outcome,
      ground,
      norm,
      to: transition.to(standing),
      event: transition.event,
      at: context.now(),
      officerId: context.caller.party as string,
      ids: under, // officers have one
    })
    return made({ application: application.id })
  },
})

function refusalsOf({ outcome, ground, norm }: DecideApplicationInput): Mistake[] {
  const mustSay = outcome !== DecisionOutcome.APPROVED
  return [
    ...(ground == null && !mustSay ? [] : refusalsOfProse('ground', ground)),
    ...(norm == null && mustSay ? [noNorm] : refusalsOfText(['norm'], norm, longest.reference)),
  ]
}

const noNorm = missing('decision.norm', ['norm'], {
  az: 'Qərarın əsaslandığı norma göstərilməlidir.',
  en: 'Name the norm that the decision rests upon.',
  ru: 'Укажите норму, на которой основано решение.',
})
