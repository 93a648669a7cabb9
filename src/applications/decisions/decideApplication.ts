import { Field, InputType } from 'type-graphql'
import type { UserError } from '../../engine/userError.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf, officer } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { hasScope, only } from '../../shared/context.js'
import { longest, upTo, userErrorsInText } from '../../shared/texts.rules.js'
import { missing } from '../../shared/userErrors.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { decide } from './decision.repository.js'
import { DecisionOutcome } from './decision.table.js'

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
  @Field(() => String, {
    nullable: true,
    description: `Legal norm that the decision applies. Required for REFUSED and DISCONTINUED. ${upTo.reference}`,
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
    'except appeals. Returns MISSING without `reasoning` or `norm`, if the outcome requires them. Returns NOT_ALLOWED_NOW ' +
    'to APPROVED during a waiting period, to all after a term whose outcome the law decides, and to APPROVED and REFUSED while an ' +
    'answer is DECLARED. An officer cannot decide on an appeal against their own decision.',
  allowedTo: approverOrProgram,
  input: DecideApplicationInput,
  key: 'required',
  creates: true,
  action: ({ outcome }) => actions[outcome],
  checks: userErrorsInDecision,
  async change(doing) {
    const { context, application, process, now: at } = doing
    const { outcome, reasoning = null, norm = null } = doing.input
    const { party: officerId, program } = context.caller
    const maker = program ? { programId: program.id } : { officerId }
    return { set: await decide(doing, { application, process, outcome, reasoning, norm, at, ...maker }) }
  },
})

function userErrorsInDecision({ outcome, reasoning, norm }: DecideApplicationInput): UserError[] {
  const mustSay = outcome !== DecisionOutcome.APPROVED
  return [
    ...(reasoning == null && !mustSay ? [] : userErrorsInProse('reasoning', reasoning)),
    ...(norm == null && mustSay ? [noNorm] : userErrorsInText(['norm'], norm, longest.reference)),
  ]
}

const noNorm = missing('decision.norm', ['norm'])
