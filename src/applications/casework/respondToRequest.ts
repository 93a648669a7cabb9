import { and, eq, isNotNull } from 'drizzle-orm'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, InputType } from 'type-graphql'
import { v7 } from 'uuid'
import { answerAt, userErrorsInSize, userErrorsOf } from '../../catalogue/forms/answers.rules.js'
import { faultsInAgencies, getForm } from '../../catalogue/forms/form.repository.js'
import type { Fault } from '../../catalogue/forms/form.rules.js'
import { serviceVersions } from '../../catalogue/services/serviceVersion.table.js'
import { refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import { clearDeadline } from '../../events/deadlines.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, type EncryptionKey, encrypt } from '../../platform/personal.js'
import { person } from '../../shared/context.js'
import { invalid, missing } from '../../shared/userErrors.js'
import { applications } from '../application.table.js'
import { applicationCommand, type Doing, SeenApplicationInput } from '../applicationCommand.js'
import { applicationParties } from '../applicationParty.table.js'
import { AttachmentInput } from '../attachments/attachment.js'
import { attachBeside, maxAttachments } from '../attachments/attachments.js'
import { formVersionOf } from '../drafts/form.repository.js'
import { personsAround } from '../drafts/persons.repository.js'
import { keepingPrefilled } from '../drafts/prefill.js'
import { userErrorsByProcedure } from '../procedure.js'
import { answersSha256 as sha256OfAnswers } from '../submission/signature.js'
import { upToProse, userErrorsInProse } from '../text.rules.js'
import { Action } from '../transition.rules.js'
import { askLater } from './askRegistriesLater.js'
import { declaring, unsettledIn } from './declared.rules.js'
import { earlierAnswers } from './earlierAnswers.table.js'
import { changeOfDue, requestOver, resumed, runTerm } from './term.js'

@InputType({
  description: 'Input of `respondToRequest`. Provide at least one of `text`, `answers` and `attachments`.',
})
export class RespondToRequestInput extends SeenApplicationInput {
  @Field(() => String, { nullable: true, description: `Text of the response. ${upToProse}` })
  text?: string | null
  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'New answers, complete and valid, which replace the earlier ones. Those that sign-in or a registry knows ' +
      'may be left out. Not allowed if ' +
      'the answers are signed, or confirmed by co-applicants.',
  })
  answers?: Record<string, unknown> | null
  @Field(() => [AttachmentInput], {
    nullable: true,
    description: `Files to add. At most ${maxAttachments} together with the earlier ones. Each must be CLEAN.`,
  })
  attachments?: AttachmentInput[] | null
}

export const respondToRequest = applicationCommand({
  name: 'respondToRequest',
  description:
    'Responds to a request for information. The rest of the term continues. Requires the applicant, a ' +
    'co-applicant who has confirmed, or the power FILE over one of them in that service. Returns MISSING if the response is empty. Returns INVALID if the answers or ' +
    'files are invalid or cannot change. Returns NOT_FOUND for an unknown upload.',
  allowedTo: person,
  input: RespondToRequestInput,
  key: 'required',
  action: Action.RESPOND,
  async change(doing) {
    const { tx, context, input, application, now } = doing
    const key = await keyToEncrypt(tx, context.keyring, application.partyId)
    const { text, answers, attachments } = input
    const anew = answers ? await readAnswers(doing, key, answers) : { set: {}, userErrors: [] }
    const userErrors = [
      ...(text == null && !answers && !attachments?.length ? [nothingGiven] : []),
      ...(text == null ? [] : userErrorsInProse('text', text)),
      ...anew.userErrors,
      ...(attachments?.length ? await attachBeside(doing, attachments) : []),
    ]
    if (userErrors.length > 0) return refused(userErrors)
    // A late response gives the agency no extra time: its term continued at `respondBy`.
    const { respondBy } = application
    const due = await resumed(tx, application, respondBy && now > respondBy ? respondBy : now)
    await clearDeadline(tx, requestOver, application.id)
    await runTerm(tx, application, due)
    return {
      text: text ?? null,
      due: changeOfDue(application, due, 'term.resumed'),
      set: { ...anew.set, dueOn: due?.dueOn ?? null, dueAt: due?.dueAt ?? null, pausedAt: null, respondBy: null },
    }
  },
})

interface Anew {
  set: Partial<typeof applications.$inferInsert>
  userErrors: UserError[]
}
/** Validates the new answers and keeps the earlier ones, which the receipt covers. */
async function readAnswers(doing: Doing, key: EncryptionKey, given: Record<string, unknown>): Promise<Anew> {
  const { tx, context, application, now } = doing
  const { id, partyId } = application
  const versionId = formVersionOf(application)
  const [version] = await tx.select().from(serviceVersions).where(eq(serviceVersions.id, versionId))
  const [confirmed] = await tx
    .select({ id: applicationParties.id })
    .from(applicationParties)
    .where(and(eq(applicationParties.applicationId, id), isNotNull(applicationParties.confirmedAt)))
    .limit(1)
  const notAllowed = [
    ...(version && version.signers.length > 0 ? [signed] : []),
    ...(confirmed ? [confirmedByOthers] : []),
    ...userErrorsInSize(given),
  ]
  if (notAllowed.length > 0) return { set: {}, userErrors: notAllowed }
  const before = decrypt(key, applications, application)
  const form = await getForm(tx, versionId)
  const persons = await personsAround(doing, partyId)
  const { mismatches, ...filled } = keepingPrefilled(given, form, before, { persons })
  const { answers } = filled
  // What was ahead when they submitted may be past by now.
  const isKept = ({ at, params }: Fault) => answerAt(before.answers, at) === params.found
  const faults = form.faultsIn(answers, context.today).filter((fault) => !(fault.keyword === 'x-date' && isKept(fault)))
  const userErrors = [
    ...userErrorsOf(form.schema, [...faults, ...(await faultsInAgencies(tx, form, answers)), ...mismatches]),
    ...(await userErrorsByProcedure(application.serviceCode, { party: partyId, answers }, context, tx)),
  ]
  if (userErrors.length > 0) return { set: {}, userErrors }
  const kept = { id: v7(), applicationId: id, partyId, answers: before.answers, until: now }
  const answersSha256 = application.answersSha256 ?? sha256OfAnswers(before)
  // The cast: encrypt() returns the columns of that table.
  await tx
    .insert(earlierAnswers)
    .values(encrypt(key, earlierAnswers, { ...kept, answersSha256 }) as typeof earlierAnswers.$inferInsert)
  const prefilled = declaring(filled, form, now, before)
  await askLater(tx, application, prefilled, now)
  const encrypted = encrypt(key, applications, { id, partyId, answers, prefilled })
  return {
    set: {
      answers: encrypted.answers,
      prefilled: encrypted.prefilled,
      unsettled: unsettledIn(prefilled),
      answersSha256: sha256OfAnswers({ answers }),
    },
    userErrors: [],
  }
}

const nothingGiven = missing('response.missing', ['text'])
const signed = invalid('answers.signed', ['answers'])
const confirmedByOthers = invalid('answers.confirmed', ['answers'])
