import { and, eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { AppointmentState, appointments, OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import type { Transaction } from '../../platform/seeding.js'
import { Assurance } from '../../shared/assurance.table.js'
import { rolesIn } from '../application.repository.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { insertNote } from '../casework/applicationNote.repository.js'
import { applicationNotes, NoteKind } from '../casework/applicationNote.table.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'

@InputType({ description: 'Input of `returnProposal`.' })
export class ReturnProposalInput extends SeenApplicationInput {
  @Field(() => String, { description: `What the officer who proposed must change. ${upToProse}` })
  comment!: string
}

export const returnProposal = applicationCommand({
  name: 'returnProposal',
  description:
    'Returns a proposed decision with a comment, and the application to the officer who proposed. If that officer has ' +
    'left the agency, it is assigned to nobody. Requires the assigned officer with the role APPROVER. Returns ' +
    'NOT_ALLOWED_NOW to other officers, and if no decision is proposed.',
  allowedTo: officer(OfficerRole.APPROVER, { assurance: Assurance.HIGH }),
  input: ReturnProposalInput,
  action: Action.RETURN_PROPOSAL,
  checks: ({ comment }) => userErrorsInProse('comment', comment),
  async change(doing) {
    const { tx, input, application } = doing
    const note = await insertNote(doing, { kind: NoteKind.RETURN, text: input.comment })
    const officerId = await proposerOf(tx, application.proposalId)
    return { set: { officerId, proposalId: null }, ids: { note, ...(officerId && { officer: officerId }) } }
  },
})

/** The officer who proposed, if they may still have the case. */
async function proposerOf(tx: Transaction, proposalId: string | null): Promise<string | null> {
  if (!proposalId) return null
  const [found] = await tx
    .select({ partyId: appointments.partyId, roles: appointments.roles })
    .from(applicationNotes)
    .innerJoin(appointments, eq(appointments.id, applicationNotes.appointmentId))
    .where(and(eq(applicationNotes.id, proposalId), eq(appointments.state, AppointmentState.ACTIVE)))
    .for('share', { of: appointments })
  const { isReviewer, isApprover } = rolesIn(found?.roles)
  return found && (isReviewer || isApprover) ? found.partyId : null
}
