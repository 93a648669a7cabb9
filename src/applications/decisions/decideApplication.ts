import { Field, InputType } from 'type-graphql'
import { refused } from '../../engine/command.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { agenciesOf, officer } from '../../identity/officers/offices.js'
import { Assurance } from '../../shared/assurance.table.js'
import { hasScope, only } from '../../shared/context.js'
import { invalid } from '../../shared/userErrors.js'
import { applicationCommand } from '../applicationCommand.js'
import { readFiles } from '../attachments/officerFiles.js'
import { Action } from '../transition.rules.js'
import { DecisionInput, userErrorsInDecision } from './decision.input.js'
import { decide } from './decision.repository.js'
import { DecisionOutcome } from './decision.table.js'
import { normOf, readGrounds } from './grounds.js'
import { findProposal } from './proposal.repository.js'

@InputType({ description: 'Input of `decideApplication`.' })
export class DecideApplicationInput extends DecisionInput {
  @Field(() => Boolean, {
    nullable: true,
    description:
      'True: takes the omitted `reasoning`, `groundCodes`, `norm` and the files from the open proposal, which must have ' +
      'the same outcome. Defaults to false.',
  })
  adoptsProposal?: boolean | null
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
    'answer is DECLARED. Returns INVALID if there is no proposal to adopt. An officer cannot decide on an appeal against their own decision.',
  allowedTo: approverOrProgram,
  input: DecideApplicationInput,
  key: 'required',
  creates: true,
  action: ({ outcome }) => actions[outcome],
  async change(doing) {
    const { tx, context, input, application, process, now: at } = doing
    const proposal = input.adoptsProposal ? await findProposal(doing) : undefined
    if (input.adoptsProposal && proposal?.outcome !== input.outcome) return refused([noSuchProposal])
    const outcome = input.outcome
    const reasoning = input.reasoning ?? proposal?.text ?? null
    const groundCodes = input.groundCodes ?? proposal?.groundCodes ?? []
    const norm = input.norm ?? proposal?.norm ?? null
    const wrong = userErrorsInDecision({ outcome, reasoning, groundCodes, norm })
    if (wrong.length > 0) return refused(wrong)
    const { grounds, userErrors: ofGrounds } = await readGrounds(tx, application, groundCodes)
    const { files, userErrors: ofFiles } = await readFiles(doing, input.fileIds)
    const userErrors = [...ofGrounds, ...ofFiles]
    if (userErrors.length > 0) return refused(userErrors)
    const { party: officerId, program } = context.caller
    const maker = program ? { programId: program.id } : { officerId }
    const cited = grounds.length > 0 ? { grounds, norm: normOf(grounds) } : { norm }
    const decided = await decide(doing, { application, process, outcome, reasoning, ...cited, at, ...maker })
    return { ...decided, files: [...new Set([...(proposal?.files ?? []), ...files])] }
  },
})

const noSuchProposal = invalid('decision.no_proposal', ['adoptsProposal'])
