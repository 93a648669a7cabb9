import { Field, InputType } from 'type-graphql'
import { refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf, officer } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { hasScope, only } from '../../shared/context.js'
import { longest, upTo, userErrorsInText } from '../../shared/texts.rules.js'
import { invalid, missing } from '../../shared/userErrors.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { decide } from './decision.repository.js'
import { DecisionOutcome } from './decision.table.js'
import { normOf, readGrounds, userErrorsInGrounds } from './grounds.js'

@InputType({ description: 'Input of `decideApplication`.' })
export class DecideApplicationInput extends SeenApplicationInput {
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
}

const actions: Record<DecisionOutcome, Action> = {
  [DecisionOutcome.APPROVED]: Action.APPROVE,
  [DecisionOutcome.REFUSED]: Action.REFUSE,
  [DecisionOutcome.DISCONTINUED]: Action.DISCONTINUE,
}

/** A decision cannot be undone, so it requires a recent sign-in. */
const lately = { assurance: Assurance.HIGH, within: 600 }
export const approverLately = officer(OfficerRole.APPROVER, lately)

const approverOrProgram = only(
  'approverOrProgram',
  'officers with the role APPROVER, and programs of agencies with the scope cases:decide',
  ['OFFICER', 'AGENCY_PROGRAM'],
  lately,
  (caller) =>
    caller.kind === 'AGENCY_PROGRAM'
      ? hasScope(caller, 'cases:decide')
      : agenciesOf(caller, OfficerRole.APPROVER).length > 0,
)

export const decideApplication = applicationCommand({
  name: 'decideApplication',
  description:
    'Approves, refuses or discontinues an application. The agency signs the decision document a moment later. ' +
    'Requires the assigned officer with the role APPROVER, signed in within the last 10 minutes with assurance ' +
    'HIGH. A program of the agency with the scope `cases:decide` decides applications that are assigned to no officer, ' +
    'except appeals. Returns MISSING without `reasoning`, `groundCodes` or `norm`, if the outcome requires them, and ' +
    'NOT_FOUND for a ground that the version of the service does not have. Returns NOT_ALLOWED_NOW to APPROVED during a ' +
    'waiting period, to all after a term whose outcome the law decides, and to APPROVED and REFUSED while an ' +
    'answer is DECLARED. An officer cannot decide on an appeal against their own decision.',
  allowedTo: approverOrProgram,
  input: DecideApplicationInput,
  key: 'required',
  creates: true,
  action: ({ outcome }) => actions[outcome],
  checks: userErrorsInDecision,
  async change(doing) {
    const { tx, context, application, process, now: at } = doing
    const { outcome, reasoning = null, groundCodes, norm = null } = doing.input
    const { grounds, userErrors } = await readGrounds(tx, application, groundCodes ?? [])
    if (userErrors.length > 0) return refused(userErrors)
    const { party: officerId, program } = context.caller
    const maker = program ? { programId: program.id } : { officerId }
    const cited = grounds.length > 0 ? { grounds, norm: normOf(grounds) } : { norm }
    return await decide(doing, { application, process, outcome, reasoning, ...cited, at, ...maker })
  },
})

function userErrorsInDecision({ outcome, reasoning, groundCodes, norm }: DecideApplicationInput): UserError[] {
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
