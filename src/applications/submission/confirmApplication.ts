import { eq } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { issueToo } from '../../documents/issued/issueDocument.js'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline } from '../../events/deadlines.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { Assurance } from '../../shared/assurance.table.js'
import { person, requireAssurance } from '../../shared/context.js'
import { readNumber } from '../../shared/number.js'
import { Application } from '../application.js'
import { loadCase } from '../application.repository.js'
import { applications } from '../application.table.js'
import { allowedNow, moveBy } from '../applicationCommand.js'
import { applicationParties } from '../applicationParty.table.js'
import { confirmationOver } from '../casework/term.js'
import { userErrorsInRepetition } from '../repetition.repository.js'
import { Action, type Relation } from '../transition.rules.js'
import { hourly } from './invitation.js'
import { findInvitation, isNamedIn } from './invitation.repository.js'

@InputType({ description: 'Input of `confirmApplication`.' })
export class ConfirmApplicationInput {
  @Field(() => String, { description: 'Number of the application.' })
  applicationNumber!: string
  @Field(() => String, { description: 'Invitation code, in any grouping.' })
  code!: string
}

export const confirmApplication = command({
  name: 'confirmApplication',
  description:
    'Confirms an application as a co-applicant, such as the other spouse of a marriage. `invitation` ' +
    'shows what is confirmed. Requires a person who acts for themselves, with assurance SUBSTANTIAL. Returns ' +
    'NOT_FOUND if no open invitation matches. Returns INVALID to the applicant, to those who have confirmed, and ' +
    'if the application names somebody else. Returns NOT_ALLOWED_NOW if the caller has another open application for ' +
    'a service that allows one. Returns FORBIDDEN to minors and wards. Returns RATE_LIMITED after 10 ' +
    'requests an hour for one number.',
  allowedTo: person,
  limitedTo: hourly(10),
  input: ConfirmApplicationInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'Application after the change.' } },
  async act({ applicationNumber, code }: ConfirmApplicationInput, acting: Acting) {
    const { tx, context } = acting
    requireAssurance(context.caller, Assurance.SUBSTANTIAL)
    const { party } = await authorityOver(acting, undefined, { power: Power.FILE, scope: 'filings:write' })
    // Locks the application first, so that the second of two simultaneous confirmations sees the first.
    await tx
      .select({ id: applications.id })
      .from(applications)
      .where(eq(applications.number, readNumber(applicationNumber) ?? ''))
      .for('update')
    const at = context.now()
    const found = await findInvitation(tx, { number: applicationNumber, code }, at)
    if (!found) return refused([noInvitation])
    const { application, invited } = found
    const others = await tx
      .select()
      .from(applicationParties)
      .where(eq(applicationParties.applicationId, application.id))
    if (others.some(({ partyId }) => partyId === party)) return refused([oneself])
    if (!(await isNamedIn(tx, context.keyring, application, party))) return refused([notNamed])

    const { facts, assurance } = await loadCase(tx, application)
    requireAssurance(context.caller, assurance)
    const confirming = await allowedNow(tx, Action.CONFIRM, { application, facts, relation: invitedOnly }, at)
    if ('userErrors' in confirming) return confirming
    const { serviceId, serviceCode, versionId } = application
    const service = { id: serviceId, code: serviceCode }
    const repeated = await userErrorsInRepetition(acting, { party, application: application.id, service, versionId })
    if (repeated.length > 0) return refused(repeated.map((userError) => ({ ...userError, field: ['code'] })))
    await tx
      .update(applicationParties)
      .set({ partyId: party, confirmedAt: at })
      .where(eq(applicationParties.id, invited.id))
    await issueToo(tx, application.id, party)
    const unconfirmed = others.filter(({ id, partyId }) => id !== invited.id && partyId === null).length
    if (unconfirmed + facts.unsigned.length === 0) await clearDeadline(tx, confirmationOver, application.id)
    await moveBy({ ...acting, ...confirming }, { facts: { unconfirmed }, ids: { confirmed: party } })
    return made({ application: application.id })
  },
})

/** A co-applicant confirms by their code, whatever else they are to the application. */
const invitedOnly: Relation = {
  powers: new Set(),
  powersOverOthers: new Set(),
  isInvited: true,
  signsFor: new Map(),
  isReviewer: false,
  isApprover: false,
  isAssigned: false,
  hasDecided: false,
  tie: null,
}

const noInvitation: UserError = {
  code: 'NOT_FOUND',
  reason: 'application.no_invitation',
  field: ['code'],
}
const oneself: UserError = {
  code: 'INVALID',
  reason: 'application.confirmed_by_applicant',
  field: ['code'],
}
const notNamed: UserError = {
  code: 'INVALID',
  reason: 'application.names_another',
  field: ['code'],
}
