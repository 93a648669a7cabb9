import { and, eq, inArray, isNull } from 'drizzle-orm'
import { v7 } from 'uuid'
import { UploadState, uploads } from '../../documents/uploads/upload.table.js'
import { parseNodeId } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { invalid } from '../../shared/userErrors.js'
import type { applications } from '../application.table.js'
import { documentsOf, formVersionOf } from '../drafts/form.repository.js'
import type { AttachmentInput } from './attachment.js'
import { attachments } from './attachment.table.js'

interface Attaching extends Acting {
  application: Pick<typeof applications.$inferSelect, 'id' | 'versionId' | 'formVersionId'>
  /** Those whose uploads can be attached. */
  parties: readonly string[]
}
export const maxAttachments = 30

/** Replaces all attachments. */
export async function attachInstead(attaching: Attaching, wanted: readonly AttachmentInput[]) {
  const { tx, application } = attaching
  const read = await readWanted(attaching, wanted)
  if (read.userErrors.length > 0) return read.userErrors
  await tx.delete(attachments).where(eq(attachments.applicationId, application.id))
  await insert(attaching, read.rows)
  return []
}

/** Adds attachments. Each must be CLEAN. */
export async function attachBeside(attaching: Attaching, wanted: readonly AttachmentInput[]) {
  const { tx, application } = attaching
  const before = await tx
    .select({ uploadId: attachments.uploadId })
    .from(attachments)
    .where(eq(attachments.applicationId, application.id))
  const { rows, states, userErrors: ownErrors } = await readWanted(attaching, wanted)
  const userErrors = [
    ...ownErrors,
    ...(before.length + wanted.length > maxAttachments ? [tooManyFiles] : []),
    ...rows.flatMap(({ uploadId }, at) => (before.some((one) => one.uploadId === uploadId) ? [attachedTwice(at)] : [])),
    ...states.flatMap((state, at) => (state === undefined || state === UploadState.CLEAN ? [] : [notClean(at, state)])),
  ]
  if (userErrors.length === 0) await insert(attaching, rows)
  return userErrors
}

async function insert({ tx }: Acting, rows: (typeof attachments.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await tx.insert(attachments).values(rows)
}

async function readWanted({ tx, context, application, parties }: Attaching, wanted: readonly AttachmentInput[]) {
  if (wanted.length > maxAttachments) return { rows: [], states: [], userErrors: [tooManyFiles] }
  const keys = wanted
    .map(({ uploadId }) => parseNodeId(uploadId))
    .map((parsed) => (parsed?.type === 'Upload' ? parsed.key : ''))
  const known = await tx
    .select({ id: uploads.id, state: uploads.state })
    .from(uploads)
    .where(
      and(inArray(uploads.id, keys.filter(Boolean)), inArray(uploads.partyId, [...parties]), isNull(uploads.subjectId)),
    )
  const documents = new Map((await documentsOf(tx, formVersionOf(application))).map(({ code, id }) => [code, id]))
  const states = keys.map((key) => known.find((upload) => upload.id === key)?.state)
  const userErrors: UserError[] = wanted.flatMap(({ documentCode }, at) => [
    ...(states[at] ? [] : [unknownUpload(at)]),
    ...(keys.indexOf(keys[at] as string) === at ? [] : [attachedTwice(at)]),
    ...(documentCode == null || documents.has(documentCode) ? [] : [unknownDocument(at)]),
  ])
  const rows = wanted.map(({ documentCode }, at) => ({
    id: v7(),
    applicationId: application.id,
    uploadId: keys[at] as string,
    attachedAt: context.now(),
    requiredDocumentId: documentCode == null ? null : (documents.get(documentCode) ?? null),
  }))
  return { rows, states, userErrors }
}

const tooManyFiles = invalid('attachments.too_many', ['attachments'], { most: maxAttachments })
const unknownUpload = (at: number): UserError => ({
  code: 'NOT_FOUND',
  reason: 'upload.unknown',
  field: ['attachments', String(at), 'uploadId'],
})
const attachedTwice = (at: number) => invalid('attachments.twice', ['attachments', String(at), 'uploadId'])
const unknownDocument = (at: number) => invalid('document.unknown', ['attachments', String(at), 'documentCode'])
export const notClean = (place: number, state: UploadState): UserError => ({
  code: 'NOT_ALLOWED_NOW',
  reason: `upload.${state.toLowerCase()}`,
  field: ['attachments', String(place)],
})
