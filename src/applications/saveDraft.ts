import { and, eq, inArray } from 'drizzle-orm'
import { GraphQLJSONObject } from 'graphql-scalars'
import { Field, ID, InputType, Int } from 'type-graphql'
import { v7 } from 'uuid'
import { uploads } from '../documents/upload.table.js'
import { command, made, refused } from '../engine/command.js'
import { parseNodeId } from '../engine/nodeId.js'
import type { Mistake } from '../engine/userError.js'
import type { Acting } from '../events/commandKeys.js'
import { keyToSeal } from '../identity/party.js'
import { invalid } from '../shared/mistakes.js'
import { open, seal } from '../shared/personal.js'
import { isPlainJson, isUnknown, mistakesOf } from './answers.rules.js'
import { Application } from './application.js'
import { caseFor, move } from './application.repository.js'
import { applications, attachments } from './application.table.js'
import { documentsOf, findForm } from './form.repository.js'
import { keepingPrefilled } from './prefill.js'
import { Action } from './transition.rules.js'

@InputType({ description: 'A file that is to go with an application.' })
export class AttachmentInput {
  @Field(() => ID, { description: 'The id of an upload of the applicant.' })
  upload!: string
  @Field(() => Int, {
    nullable: true,
    description:
      'Which of the documents that the service asks for it is, counted from 0 as `version { documents }` lists them; null: ' +
      'something beside them.',
  })
  document?: number | null
}

@InputType({ description: 'What a draft is to say.' })
export class SaveDraftInput {
  @Field(() => ID, { description: 'The id of the application.' })
  application!: string
  @Field(() => Int, {
    description: 'The `revision` that was seen: a draft that was changed meanwhile is not overwritten.',
  })
  revision!: number
  @Field(() => GraphQLJSONObject, {
    description:
      'All answers, which take the place of those before; they may be incomplete. What a registry gave stays as it gave it.',
  })
  answers!: Record<string, unknown>
  @Field(() => [AttachmentInput], {
    nullable: true,
    description: 'All files, at most 30, which take the place of those before; null leaves them as they are.',
  })
  attachments?: AttachmentInput[] | null
}

/** Characters, as JSON: as many as a form may have at most. */
const largest = 128 * 1024
const mostAttachments = 30

export const saveDraft = command({
  name: 'saveDraft',
  description:
    'Changes a draft. What is still to be mended, its field `faults` tells. For who may apply for the applicant.',
  input: SaveDraftInput,
  key: 'optional',
  creates: false,
  made: { application: { type: Application, description: 'The draft as it is now.' } },
  async act(input: SaveDraftInput, acting: Acting) {
    const { tx, context } = acting
    const found = await caseFor(acting, input, Action.SAVE)
    if ('refused' in found) return found
    const { application, transition, mandates } = found
    const key = await keyToSeal(tx, context.keyring, application.partyId)
    const before = open(key, applications, application)
    const unfit = refusalsOfSize(input.answers)
    if (unfit.length > 0) return refused(unfit)
    const answers = keepingPrefilled(input.answers, before.answers, before.prefilled)
    const form = await findForm(tx, application.versionId)
    const strange = mistakesOf((form?.faultsIn(answers) ?? []).filter(isUnknown))
    const wrong = input.attachments ? await attach(acting, application, input.attachments) : []
    if (strange.length + wrong.length > 0) return refused([...strange, ...wrong])

    const sealed = seal(key, applications, { id: application.id, partyId: application.partyId, answers })
    await move(tx, context.keyring, {
      ...{ application, to: transition.to(found.standing), event: transition.event, at: context.now() },
      ...{ actor: context.caller.id, mandates, set: { answers: sealed.answers } },
    })
    return made({ application: application.id })
  },
})

function refusalsOfSize(answers: unknown): Mistake[] {
  if (!isPlainJson(answers)) return [notPlain]
  return JSON.stringify(answers).length > largest ? [tooLarge] : []
}

async function attach(
  { tx, context }: Acting,
  { id, partyId, versionId }: typeof applications.$inferSelect,
  wanted: readonly AttachmentInput[],
): Promise<Mistake[]> {
  if (wanted.length > mostAttachments) return [tooManyFiles]
  const keys = wanted
    .map(({ upload }) => parseNodeId(upload))
    .map((parsed) => (parsed?.type === 'Upload' ? parsed.key : ''))
  const known = await tx
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(inArray(uploads.id, keys.filter(Boolean)), eq(uploads.partyId, partyId)))
  const documents = await documentsOf(tx, versionId)
  const isKnown = (key: string | undefined) => known.some((upload) => upload.id === key)
  const mistakes = wanted.flatMap(({ document }, at) => [
    ...(isKnown(keys[at]) ? [] : [unknownUpload(at)]),
    ...(keys.indexOf(keys[at] as string) === at ? [] : [attachedTwice(at)]),
    ...(document == null || documents[document] ? [] : [unknownDocument(at)]),
  ])
  if (mistakes.length > 0) return mistakes
  await tx.delete(attachments).where(eq(attachments.applicationId, id))
  const rows = wanted.map(({ document }, at) => ({
    ...{ id: v7(), applicationId: id, uploadId: keys[at] as string, since: context.now() }, // each is known
    requiredDocumentId: document == null ? null : (documents[document]?.id ?? null),
  }))
  if (rows.length > 0) await tx.insert(attachments).values(rows)
  return []
}

const notPlain = invalid('answers.not_plain', ['answers'], {
  az: 'Cavablar adi JSON olmalıdır, ən çoxu 50 səviyyə.',
  en: 'Answers are plain JSON, at most 50 levels deep.',
  ru: 'Ответы — обычный JSON, не глубже 50 уровней.',
})
const tooLarge = invalid('answers.too_large', ['answers'], {
  az: `Cavablar ən çoxu ${largest} simvoldur.`,
  en: `Answers have at most ${largest} characters.`,
  ru: `Ответы содержат не более ${largest} символов.`,
})
const tooManyFiles = invalid('attachments.too_many', ['attachments'], {
  az: `Ən çoxu ${mostAttachments} fayl.`,
  en: `At most ${mostAttachments} files.`,
  ru: `Не более ${mostAttachments} файлов.`,
})
const unknownUpload = (at: number): Mistake => ({
  ...{ code: 'NOT_FOUND', reason: 'upload.unknown', field: ['attachments', String(at), 'upload'] },
  message: {
    az: 'Müraciət edənin belə faylı yoxdur.',
    en: 'The applicant has no such upload.',
    ru: 'У заявителя нет такого файла.',
  },
})
const attachedTwice = (at: number) =>
  invalid('attachments.twice', ['attachments', String(at), 'upload'], {
    az: 'Fayl bir dəfə əlavə olunur.',
    en: 'A file is attached once.',
    ru: 'Файл прилагается один раз.',
  })
const unknownDocument = (at: number) =>
  invalid('document.unknown', ['attachments', String(at), 'document'], {
    az: 'Xidmət belə sənəd istəmir.',
    en: 'The service asks for no such document.',
    ru: 'Услуга не требует такого документа.',
  })
