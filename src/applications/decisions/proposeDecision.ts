import { Field, ID, InputType } from 'type-graphql'
import { refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { caseOfficer } from '../../identity/officers/offices.js'
import { applicationCommand } from '../applicationCommand.js'
import { readFiles } from '../attachments/officerFiles.js'
import { insertNote } from '../casework/applicationNote.repository.js'
import { NoteKind } from '../casework/applicationNote.table.js'
import { hasIt, officerNamed } from '../casework/assignApplication.js'
import { Action } from '../transition.rules.js'
import { DecisionInput, userErrorsInDecision } from './decision.input.js'
import { readGrounds } from './grounds.js'

@InputType({ description: 'Input of `proposeDecision`.' })
export class ProposeDecisionInput extends DecisionInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'ID of the appointment of the APPROVER who gets the application, from `appointments` with the filters ' +
      '`agency` and `role`. Null leaves it unassigned until an APPROVER takes it with `assignApplication`.',
  })
  appointmentId?: string | null
}

const isRefused = (named: string | UserError | null): named is UserError => typeof named === 'object' && named !== null

export const proposeDecision = applicationCommand({
  name: 'proposeDecision',
  description:
    'Proposes a decision to an APPROVER, who gets the application. The proposal is an internal note, and replaces an ' +
    'earlier open one. Requires the assigned officer. Returns the same user errors about the decision as ' +
    '`decideApplication`, and NOT_FOUND for an unknown appointment. Returns NOT_ALLOWED_NOW to other officers, after ' +
    'the end of a term whose outcome the law decides, and if the APPROVER may not act in the case.',
  allowedTo: caseOfficer,
  input: ProposeDecisionInput,
  key: 'required',
  creates: true,
  action: Action.PROPOSE,
  checks: (input: ProposeDecisionInput) => userErrorsInDecision(input),
  async change(doing) {
    const { tx, input, application } = doing
    const { outcome, reasoning = null, norm = null, appointmentId } = input
    const groundCodes = [...new Set(input.groundCodes)]
    const { userErrors: ofGrounds } = await readGrounds(tx, application, groundCodes)
    const { files, userErrors: ofFiles } = await readFiles(doing, input.fileIds)
    const officerId = appointmentId == null ? null : await officerNamed(doing, appointmentId, OfficerRole.APPROVER)
    const ofOfficer = isRefused(officerId) ? [officerId] : officerId === application.officerId ? [hasIt] : []
    const userErrors = [...ofGrounds, ...ofFiles, ...ofOfficer]
    if (userErrors.length > 0 || isRefused(officerId)) return refused(userErrors)
    const proposed = { outcome, groundCodes, norm }
    const proposalId = await insertNote(doing, { kind: NoteKind.PROPOSAL, text: reasoning, files, proposed })
    return {
      set: { officerId, proposalId },
      ids: { note: proposalId, ...(officerId !== null && { officer: officerId }) },
    }
  },
})
