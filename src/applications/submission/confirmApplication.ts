import { and, eq, ne } from 'drizzle-orm'
import { Field, InputType } from 'type-graphql'
import { getForm } from '../../catalogue/forms/form.repository.js'
import type { Fault } from '../../catalogue/forms/form.rules.js'
import { ApplicationRole } from '../../catalogue/services/applicationRole.table.js'
import { issueToo, revokeDocuments } from '../../documents/issued/issueDocument.js'
import { command, made, refused } from '../../engine/command.js'
import { type UserError, UserErrorType } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline, clearDeadlines, setDeadline } from '../../events/deadlines.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import { Assurance } from '../../shared/assurance.table.js'
import { type Context, person, requireAssurance } from '../../shared/context.js'
import { userErrorTypeFor } from '../../shared/messages.js'
import { readNumber } from '../../shared/number.js'
import { Application } from '../application.js'
import { loadCase } from '../application.repository.js'
import { applications } from '../application.table.js'
import { allowedNow, type Doing, moveBy } from '../applicationCommand.js'
import { applicationParties } from '../applicationParty.table.js'
import { askLater } from '../casework/askRegistriesLater.js'
import { unsettledIn } from '../casework/declared.rules.js'
import { confirmationOver, deadlinesOf, draftExpires, subjectOf } from '../casework/term.js'
import type { RegistryAnswers } from '../drafts/prefill.js'
import { userErrorsInRepetition } from '../repetition.repository.js'
import { Action, type Relation } from '../transition.rules.js'
import { differencesOf } from './difference.rules.js'
import { hourly } from './invitation.js'
import { findInvitation, findOwnPart } from './invitation.repository.js'
import { askAboutInvited, checkOwnPart } from './ownPart.js'

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
    'shows what is confirmed. Registries are queried about the caller: if the answers about them differ, the ' +
    'application returns to the applicant. Requires a person who acts for themselves, with assurance SUBSTANTIAL. Returns ' +
    'NOT_FOUND if no open invitation matches. Returns INVALID to the applicant, to those who have confirmed, and ' +
    'if the application names somebody else. Returns NOT_ALLOWED_NOW if the caller has another open application for ' +
    'a service that allows only one. Returns FORBIDDEN to minors and wards. Returns RATE_LIMITED after 10 ' +
    'requests an hour for one number.',
  allowedTo: person,
  limitedTo: hourly(10),
  input: ConfirmApplicationInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'Application after the change.' } },
  once: {
    differences: {
      type: () => [UserErrorType],
      description:
        'Answers about the caller that differ from what their sign-in and registries know, with both values. Empty if the ' +
        'application is confirmed. Otherwise it has returned to the applicant as a draft. Returned only once.',
    },
  },
  prepare: ({ applicationNumber: number, code }: ConfirmApplicationInput, context: Context) =>
    askAboutInvited({ number, code }, context),
  async act({ applicationNumber, code }: ConfirmApplicationInput, acting: Acting, fetched: RegistryAnswers) {
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
    const part = await findOwnPart(tx, context.keyring, application, party)
    if (!part) return refused([notNamed])

    const { facts, assurance } = await loadCase(tx, application)
    requireAssurance(context.caller, assurance)
    const confirming = await allowedNow(tx, Action.CONFIRM, { application, facts, relation: invitedOnly }, at)
    if ('userErrors' in confirming) return confirming
    const { serviceId, serviceCode, versionId } = application
    const service = { id: serviceId, code: serviceCode }
    const repeated = await userErrorsInRepetition(acting, { party, application: application.id, service, versionId })
    if (repeated.length > 0) return refused(repeated.map((userError) => ({ ...userError, field: ['code'] })))
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    const draft = decrypt(key, applications, application)
    const { differences, prefilled } = part.named
      ? await checkOwnPart(acting, draft, { named: part.named, party, fetched })
      : { differences: [], prefilled: draft.prefilled }
    if (differences.length > 0) return await returned({ ...acting, application, facts }, draft.answers, differences)
    const { id, partyId } = application
    const marked = encrypt(key, applications, { id, partyId, answers: draft.answers, prefilled })
    await tx
      .update(applicationParties)
      .set({ partyId: party, confirmedAt: at })
      .where(eq(applicationParties.id, invited.id))
    await issueToo(tx, application.id, party)
    await askLater(tx, application, prefilled, at)
    const unconfirmed = others.filter(({ id, partyId }) => id !== invited.id && partyId === null).length
    if (unconfirmed + facts.unsigned.length === 0) await clearDeadline(tx, confirmationOver, application.id)
    await moveBy(
      { ...acting, ...confirming },
      {
        set: { prefilled: marked.prefilled, unsettled: unsettledIn(prefilled) },
        facts: { unconfirmed },
        ids: { confirmed: party },
      },
    )
    return made({ application: application.id }, { differences: [] })
  },
})

/** Returns an application to the applicant: invitations, confirmations, signatures and the receipt end. */
async function returned(
  doing: Acting & Pick<Doing, 'application' | 'facts'>,
  answers: Record<string, unknown>,
  differences: readonly Fault[],
) {
  const { tx, context, application, facts } = doing
  const { id } = application
  const at = context.now()
  const returning = await allowedNow(tx, Action.RETURN, { application, facts, relation: invitedOnly }, at)
  if ('userErrors' in returning) return returning
  await tx
    .delete(applicationParties)
    .where(and(eq(applicationParties.applicationId, id), ne(applicationParties.role, ApplicationRole.APPLICANT)))
  await revokeDocuments(tx, id, at)
  const expiresAt = new Date(at.getTime() + context.patience.draftDays * 86_400_000)
  await clearDeadlines(tx, deadlinesOf, id)
  await setDeadline(tx, { ...subjectOf(application), type: draftExpires, dueAt: expiresAt })
  const places = differences.map((one) => one.at)
  await moveBy(
    { ...doing, ...returning },
    { set: { submittedAt: null, tariffId: null, answersSha256: null, expiresAt, differing: places, unsettled: [] } },
  )
  const { schema } = await getForm(tx, application.versionId)
  const shown = differencesOf(schema, answers, differences).map((one) => userErrorTypeFor(one, context))
  return made({ application: id }, { differences: shown })
}

/** A co-applicant confirms by their code, whatever else they are to the application. */
const invitedOnly: Relation = {
  powers: new Set(),
  powersOverOthers: new Set(),
  isInvited: true,
  signsFor: new Map(),
  isReviewer: false,
  isApprover: false,
  isFinance: false,
  isAssigned: false,
  hasOpened: false,
  isProgram: false,
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
