import { Field, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { caseOrFinanceOfficer } from '../../identity/officers/offices.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import { ownPartyOf } from '../../shared/context.js'
import { Application } from '../application.js'
import { ApplicationInput, caseFor } from '../applicationCommand.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { ApplicationOpening } from './applicationOpening.js'
import { applicationOpenings } from './applicationOpening.table.js'
import { subjectOf } from './term.js'

@InputType({ description: 'Input of `openApplication`.' })
export class OpenApplicationInput extends ApplicationInput {
  @Field(() => String, { description: `Reason, which the ADMIN of the agency sees. ${upToProse}` })
  reason!: string
}

/** Hours of access: a working day. */
const hoursOpen = 8

export const openApplication = command({
  name: 'openApplication',
  description:
    'Gives an officer access to the content of an application that is not assigned to them, for eight hours. The ' +
    'ADMIN sees the reason, and the applicant sees each access in `accessLog`. Requires the role REVIEWER, ' +
    "APPROVER or FINANCE at the agency. Returns NOT_ALLOWED_NOW to the assigned officer. Returns FORBIDDEN in the caller's " +
    'own case. Returns NOT_FOUND if the caller sees no such application.',
  allowedTo: caseOrFinanceOfficer,
  input: OpenApplicationInput,
  key: 'required',
  creates: true,
  made: {
    application: { type: Application, description: 'Opened application.' },
    opening: { type: ApplicationOpening, description: 'Access that was given.' },
  },
  async act(input: OpenApplicationInput, acting: Acting) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.OPEN)
    if ('userErrors' in found) return found
    const { application, transition, under, now: at } = found
    const userErrors = userErrorsInProse('reason', input.reason)
    if (userErrors.length > 0) return refused(userErrors)
    const id = v7()
    const row = {
      id,
      applicationId: application.id,
      agencyId: application.agencyId,
      partyId: application.partyId,
      at,
      officerId: ownPartyOf(context.caller),
      reason: input.reason,
      until: new Date(at.getTime() + hoursOpen * 3_600_000),
    }
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    // The cast: encrypt() returns the columns of that table.
    await tx
      .insert(applicationOpenings)
      .values(encrypt(key, applicationOpenings, row) as typeof applicationOpenings.$inferInsert)
    // The revision stays, so that the assigned officer can continue.
    const ids = { opening: id, officer: row.officerId, ...under }
    await record(tx, [{ ...subjectOf(application), type: transition.event, at, actor: context.caller.id, ids }])
    return made({ application: application.id, opening: id })
  },
})
