import { and, eq, inArray } from 'drizzle-orm'
import { v7 } from 'uuid'
import { UploadState, uploads } from '../../documents/uploads/upload.table.js'
import { parseNodeId } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Transaction } from '../../platform/seeding.js'
import { invalid } from '../../shared/userErrors.js'
import type { Doing } from '../applicationCommand.js'
import { officerFiles } from './officerFile.table.js'

const maxFiles = 10
/** A part of descriptions. */
export const filesOfCaller =
  `IDs of uploads that the caller announced for this application with \`createOfficerUpload\`, at most ${maxFiles}. ` +
  'Each must be CLEAN.'

/** The keys of uploads that the officer sent for this application, or why they cannot be used. */
export async function readFiles(
  { tx, context, application }: Pick<Doing, 'tx' | 'context' | 'application'>,
  given: readonly string[] | null | undefined,
): Promise<{ files: string[]; userErrors: UserError[] }> {
  if (!given?.length) return { files: [], userErrors: [] }
  if (given.length > maxFiles) return { files: [], userErrors: [tooManyFiles] }
  const keys = given.map(parseNodeId).map((parsed) => (parsed?.type === 'Upload' ? parsed.key : ''))
  const { id, state, subjectId, createdBy } = uploads
  const areTheirs = and(
    inArray(id, keys.filter(Boolean)),
    eq(subjectId, application.id),
    eq(createdBy, context.caller.id),
  )
  const known = new Map(
    (await tx.select({ id, state }).from(uploads).where(areTheirs)).map((one) => [one.id, one.state]),
  )
  const userErrors = keys.flatMap((key, at): UserError[] => {
    const state = known.get(key)
    if (!state) return [{ code: 'NOT_FOUND', reason: 'upload.unknown', field: fieldOf(at) }]
    if (keys.indexOf(key) < at) return [invalid('attachments.twice', fieldOf(at))]
    if (state === UploadState.CLEAN) return []
    return [{ code: 'NOT_ALLOWED_NOW', reason: `upload.${state.toLowerCase()}`, field: fieldOf(at) }]
  })
  return { files: keys, userErrors }
}
const fieldOf = (at: number) => ['fileIds', String(at)]
const tooManyFiles = invalid('attachments.too_many', ['fileIds'], { most: maxFiles })

/** Attaches files to a timeline entry or a note. */
export async function attachFiles(
  tx: Transaction,
  { applicationId, ofId, files }: { applicationId: string; ofId: string; files: readonly string[] },
): Promise<void> {
  const rows = files.map((uploadId, position) => ({ id: v7(), applicationId, ofId, uploadId, position }))
  if (rows.length > 0) await tx.insert(officerFiles).values(rows)
}
