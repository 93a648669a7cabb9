import { Field, ID, InputType } from 'type-graphql'
import type { UserError } from '../../engine/userError.js'
import { longest, upTo, userErrorsInText } from '../../shared/texts.rules.js'
import { invalid, missing } from '../../shared/userErrors.js'
import { SeenApplicationInput } from '../applicationCommand.js'
import { filesOfCaller } from '../attachments/officerFiles.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { DecisionOutcome } from './decision.table.js'
import { userErrorsInGrounds } from './grounds.js'

/** What is decided, or proposed. */
@InputType()
export abstract class DecisionInput extends SeenApplicationInput {
  @Field(() => DecisionOutcome, { description: 'Outcome of the decision.' })
  outcome!: DecisionOutcome
  @Field(() => String, {
    nullable: true,
    description:
      'Reasoning, or what is granted if the outcome is APPROVED. Required for REFUSED and DISCONTINUED. ' +
      `${upToProse}`,
  })
  reasoning?: string | null
  @Field(() => [String], {
    nullable: true,
    description:
      'Codes of the grounds, from `version { refusalGrounds }` of the application. 1 to 10 are required for REFUSED, ' +
      'and not accepted for other outcomes.',
  })
  groundCodes?: string[] | null
  @Field(() => String, {
    nullable: true,
    description:
      'Legal norm that the decision applies. Required for DISCONTINUED. Not accepted for REFUSED, where it follows ' +
      `from the grounds. ${upTo.reference}`,
  })
  norm?: string | null
  @Field(() => [ID], { nullable: true, description: filesOfCaller })
  fileIds?: string[] | null
}

type Decided = Pick<DecisionInput, 'outcome' | 'reasoning' | 'groundCodes' | 'norm'>
/** Errors that the decision alone shows. */
export function userErrorsInDecision({ outcome, reasoning, groundCodes, norm }: Decided): UserError[] {
  const mayBeSilent = outcome === DecisionOutcome.APPROVED
  return [
    ...(reasoning == null && mayBeSilent ? [] : userErrorsInProse('reasoning', reasoning)),
    ...userErrorsInGrounds(outcome, groundCodes ?? []),
    ...(norm == null && outcome === DecisionOutcome.DISCONTINUED ? [noNorm] : []),
    ...(norm != null && outcome === DecisionOutcome.REFUSED ? [normFollows] : []),
    ...userErrorsInText(['norm'], norm, longest.reference),
  ]
}

const noNorm = missing('decision.norm', ['norm'])
const normFollows = invalid('decision.norm_follows', ['norm'])
