import { and, eq } from 'drizzle-orm'
import { InputType } from 'type-graphql'
import { registries } from '../../agencies/registry.table.js'
import { userErrorsOf } from '../../catalogue/forms/answers.rules.js'
import { faultsInAgencies, getForm } from '../../catalogue/forms/form.repository.js'
import { ApplicationRole } from '../../catalogue/services/applicationRole.table.js'
import { RegistryDown } from '../../catalogue/services/process.table.js'
import { requiredDocuments } from '../../catalogue/services/requiredDocument.table.js'
import { ServiceStatus, services } from '../../catalogue/services/service.table.js'
import { serviceVersions } from '../../catalogue/services/serviceVersion.table.js'
import { UploadState, uploads } from '../../documents/uploads/upload.table.js'
import { refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { clearDeadline, setDeadline } from '../../events/deadlines.js'
import { identifiersOf } from '../../identity/parties/identifiers.js'
import { nameOf } from '../../identity/parties/nameOf.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { digestOf } from '../../identity/programs/secret.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import { newCode, readCode } from '../../shared/code.js'
import { ownPartyOf, person } from '../../shared/context.js'
import { missing } from '../../shared/userErrors.js'
import { inAll, type Words } from '../../shared/words.js'
import { applicantKindOf, userErrorsInApplicant } from '../applicant.repository.js'
import { applications } from '../application.table.js'
import { applicationCommand, SeenApplicationInput } from '../applicationCommand.js'
import { applicationParties } from '../applicationParty.table.js'
import { attachments } from '../attachments/attachment.table.js'
import { notClean } from '../attachments/attachments.js'
import { askLater } from '../casework/askRegistriesLater.js'
import { declaring, unsettledIn } from '../casework/declared.rules.js'
import { confirmationOver, draftExpires, subjectOf } from '../casework/term.js'
import { askRegistriesAgain, type Draft, isChanged, prefillAgain } from '../drafts/filledLater.js'
import type { Version } from '../drafts/form.repository.js'
import type { Persons } from '../drafts/identity.rules.js'
import { personsAround } from '../drafts/persons.repository.js'
import { askedBy, mismatchesOf, type RegistryAnswers } from '../drafts/prefill.js'
import { isConfirmed } from '../needs.rules.js'
import { userErrorsByProcedure } from '../procedure.js'
import { Action } from '../transition.rules.js'
import { namedToConfirm, userErrorsOfNamed } from './invitation.rules.js'
import { issueReceipt } from './receipt.js'
import { settleTariff, writeFees } from './settleTariff.js'
import { answersSha256 } from './signature.js'

@InputType({ description: 'Input of `submitApplication`.' })
export class SubmitApplicationInput extends SeenApplicationInput {}

export const submitApplication = applicationCommand({
  name: 'submitApplication',
  description:
    'Submits a draft and issues a receipt. Requires the applicant, or the power FILE over them in that service. ' +
    'Requires the assurance level of the service. Returns MISSING, INVALID and NOT_ALLOWED_NOW for answers and files, ' +
    'all at once. Returns NOT_ALLOWED_NOW if the required signature of the applicant is missing, or the service accepts ' +
    'no applications, waits for a registry, or allows only one open application and there is another. Afterwards ' +
    'co-applicants and founders confirm, and sign if required.',
  allowedTo: person,
  input: SubmitApplicationInput,
  key: 'required',
  creates: true,
  once: {
    invitationCodes: {
      type: () => [String],
      description:
        'One code for each co-applicant or founder, returned only once. They use it with `invitation` and ' +
        '`confirmApplication`. `renewInvitation` replaces lost ones.',
    },
  },
  prepare: askRegistriesAgain,
  action: Action.SUBMIT,
  async change(doing, fetched: RegistryAnswers) {
    const { tx, context, application, facts, process, mandates, now } = doing
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    const before = decrypt(key, applications, application)
    const persons = await personsAround(doing, application.partyId)
    // A signed draft must not change, and `prepareSignature` has asked the registries.
    const draft = facts.signedBy.length > 0 ? before : await prefillAgain(tx, before, fetched, persons)
    const { service, version, userErrors } = await checkSubmission(doing, draft, persons, process.registryDown)
    if (userErrors.length > 0) return refused(userErrors)

    const confirmBy = new Date(now.getTime() + context.patience.confirmDays * 86_400_000)
    const form = await getForm(tx, draft.versionId)
    const named = namedToConfirm(form.schema, draft.answers)
    const invited = { count: named?.length ?? process.coApplicants, role: roleOfInvited(version) }
    const applicant = await applicantKindOf(doing, draft.partyId, service)
    const settling = {
      version,
      form: form.schema,
      answers: draft.answers,
      applicant,
      today: context.today,
    }
    const settled = await settleTariff(tx, settling)
    await writeFees(tx, application.id, settled)
    const codes = await invite(doing, application, invited, { at: now, expiresAt: confirmBy })
    const receivedSha256 = answersSha256(draft)
    const { id, partyId, answers } = draft
    const prefilled = declaring(draft, form, now)
    await askLater(tx, application, prefilled, now)
    const anew = isChanged(draft, before) ? { id, partyId, answers, prefilled } : { id, partyId, prefilled }
    const filled = encrypt(key, applications, anew) // without unchanged answers, whose signatures would end
    await clearDeadline(tx, draftExpires, application.id)
    if (codes.length + facts.unsigned.length > 0)
      await setDeadline(tx, { ...subjectOf(application), type: confirmationOver, dueAt: confirmBy })
    return {
      mandates,
      set: {
        ...filled,
        tariffId: settled.tariffId,
        unsettled: unsettledIn(prefilled),
        answersSha256: receivedSha256,
        submittedAt: now,
        expiresAt: null,
        differing: null,
      },
      facts: { unconfirmed: codes.length, owed: settled.owed },
      once: { invitationCodes: codes },
      after: async () =>
        await issueReceipt(doing, {
          draft,
          service,
          mandates,
          isSigned: facts.signedBy.length > 0,
          actedBy: await otherThan(partyId, doing),
        }),
    }
  },
})

/** The name of the sender, unless it is the applicant. */
async function otherThan(applicant: string, { tx, context }: Acting): Promise<string | undefined> {
  const { caller, keyring } = context
  return caller.party === applicant ? undefined : await nameOf(tx, keyring, ownPartyOf(caller))
}

export async function checkSubmission(
  acting: Acting,
  draft: Draft,
  persons: Persons,
  registryDown: RegistryDown,
): Promise<{ service: typeof services.$inferSelect; version: Version; userErrors: UserError[] }> {
  const { tx, context } = acting
  const [known] = await tx
    .select({ service: services, version: serviceVersions })
    .from(serviceVersions)
    .innerJoin(services, eq(services.id, serviceVersions.serviceId))
    .where(eq(serviceVersions.id, draft.versionId))
  if (!known) throw new Error(`a draft must be under a version that is there; ${draft.versionId} is not`)
  const { service, version } = known
  if (service.status !== ServiceStatus.ACTIVE) return { ...known, userErrors: [notGivenNow] }
  const isOther = draft.partyId !== context.caller.party
  const party = { party: draft.partyId, isOther, application: draft.id }
  const userErrors = await userErrorsInApplicant(acting, party, { service, version })
  if (userErrors.length > 0)
    return { ...known, userErrors: userErrors.map((one) => ({ ...one, field: ['applicationId'] })) }
  return { ...known, userErrors: await userErrorsInContent(acting, draft, persons, { registryDown, service }) }
}

/** What keeps an application from being received, besides who applies. */
export async function userErrorsInContent(
  acting: Acting,
  draft: Pick<Draft, 'id' | 'partyId' | 'versionId' | 'answers' | 'prefilled'>,
  persons: Persons,
  { registryDown, service }: { registryDown: RegistryDown; service: { code: string } },
): Promise<UserError[]> {
  const { tx, context } = acting
  const form = await getForm(tx, draft.versionId)
  const isAsked = askedBy(form)
  const isMissing = draft.prefilled.missing.some((at) => isAsked(at, draft.answers))
  if (registryDown === RegistryDown.WAIT_FOR_REGISTRY && isMissing) return [registryIsDown]
  const named = namedToConfirm(form.schema, draft.answers)
  const applicant = named ? await identifiersOf(tx, await keyToEncrypt(tx, context.keyring, draft.partyId)) : []
  const wrong = [
    ...form.faultsIn(draft.answers, context.today),
    ...(await faultsInAgencies(tx, form, draft.answers)),
    ...mismatchesOf(draft.answers, form, draft, { persons }),
  ]
  const faults = [...userErrorsOf(form.schema, wrong), ...userErrorsOfNamed(named, applicant)]
  const filled = { party: draft.partyId, answers: draft.answers }
  const further = await userErrorsByProcedure(service.code, filled, context, tx)
  return [...faults, ...further, ...(await userErrorsInDocuments(acting, draft))]
}

/** Requires each confirmed mandatory document, unless a registry has answered instead, and a clean scan of each file. */
async function userErrorsInDocuments(
  { tx }: Acting,
  { id, versionId, prefilled }: Pick<Draft, 'id' | 'versionId' | 'prefilled'>,
): Promise<UserError[]> {
  const wanted = await tx
    .select({ document: requiredDocuments, registry: registries.code })
    .from(requiredDocuments)
    .leftJoin(registries, eq(registries.id, requiredDocuments.obtainableFromRegistryId))
    .where(eq(requiredDocuments.versionId, versionId))
    .orderBy(requiredDocuments.position)
  const attached = await tx
    .select({ document: attachments.requiredDocumentId, state: uploads.state })
    .from(attachments)
    .innerJoin(uploads, eq(uploads.id, attachments.uploadId))
    .where(and(eq(attachments.applicationId, id)))
    .orderBy(attachments.attachedAt, attachments.id)
  return [
    ...wanted.flatMap(({ document, registry }, place) => {
      const isThere = attached.some((file) => file.document === document.id)
      const isAnswered = registry !== null && prefilled.answered.includes(registry)
      return isThere || isAnswered || !document.mandatory || !isConfirmed(document)
        ? []
        : [documentMissing(place, document.name)]
    }),
    ...attached.flatMap(({ state }, place) => (state === UploadState.CLEAN ? [] : [notClean(place, state)])),
  ]
}

const roleOfInvited = ({ signers }: Version): ApplicationRole =>
  signers.includes(ApplicationRole.FOUNDER) ? ApplicationRole.FOUNDER : ApplicationRole.CO_APPLICANT

/** Invites co-applicants or founders. Returns a code for each. */
async function invite(
  { tx }: Acting,
  { id: applicationId, createdAt }: Pick<typeof applications.$inferSelect, 'id' | 'createdAt'>,
  { count, role }: { count: number; role: ApplicationRole },
  { at, expiresAt }: { at: Date; expiresAt: Date },
): Promise<string[]> {
  const codes = Array.from({ length: count }, newCode)
  const rows = codes.map((code) => ({
    applicationId,
    role,
    codeHash: digestOf(readCode(code)),
    invitedAt: at,
    expiresAt,
    createdAt,
  }))
  if (rows.length > 0) await tx.insert(applicationParties).values(rows)
  return codes
}

const notGivenNow: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'service.not_online',
  field: ['applicationId'],
}
const registryIsDown: UserError = {
  code: 'NOT_ALLOWED_NOW',
  reason: 'application.registry_down',
  field: ['applicationId'],
}
const documentMissing = (place: number, name: Words) =>
  missing('document.missing', ['attachments', String(place)], { document: inAll(name) })
