import { and, eq, isNull, sql } from 'drizzle-orm'
import { Field, InputType, Int } from 'type-graphql'
import { v7 } from 'uuid'
import { made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { termEnded } from './expireUpload.js'
import { nameAsKept, subjectOfUpload, userErrorsBeside, userErrorsInUpload } from './upload.rules.js'
import { UploadState, uploads } from './upload.table.js'

/** The file, in the input of the commands that announce one. */
@InputType()
export abstract class AnnouncedFile {
  @Field(() => String, {
    description: 'File name with its extension and without a path, 1 to 200 characters, such as "passport.pdf".',
  })
  name!: string
  @Field(() => Int, { description: 'Size in bytes.' })
  size!: number
  @Field(() => String, { description: 'SHA-256 of the file, as 64 hexadecimal digits.' })
  sha256!: string
}

/** Files of a party count together, and apart from those that officers send for an application. */
interface Announced extends AnnouncedFile {
  /** The party whose key encrypts the file. */
  party: string
  mandates: readonly string[]
  subjectId: string | null
}

/** Announces a file, if its name, size and hash are right and the limits allow one more. */
export async function announceUpload({ tx, context }: Acting, input: Announced) {
  const { party, mandates, subjectId } = input
  const announced = { ...input, name: nameAsKept(input.name) }
  const userErrors = userErrorsInUpload(announced, context.uploadLimits)
  if (userErrors.length > 0) return refused(userErrors)
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${subjectId ?? party}`}, 0))`)
  const at = context.now() // after the lock, so that times follow the order of commits
  const beside = userErrorsBeside(announced, await announcedFor(tx, input, at), context.uploadLimits)
  if (beside.length > 0) return refused(beside)

  const id = v7()
  const row = {
    id,
    partyId: party,
    subjectId,
    name: announced.name,
    size: input.size,
    sha256: Buffer.from(input.sha256, 'hex'),
    state: UploadState.WAITING,
    createdBy: context.caller.id,
    mandateIds: [...mandates],
    createdAt: at,
    expiresAt: new Date(at.getTime() + context.uploadLimits.hours * 3_600_000),
  }
  const { expiresAt: dueAt } = row
  await tx.insert(uploads).values(encrypt(await keyToEncrypt(tx, context.keyring, party), uploads, row))
  const subject = subjectOfUpload(row)
  await setDeadline(tx, { ...subject, type: termEnded, dueAt })
  const [first, second] = mandates
  const ids = { ...(first && { under: first }), ...(second && { through: second }) }
  const actor = context.caller.id
  await record(tx, [{ ...subject, type: 'upload.announced', at, actor, ids }])
  return made({ upload: id })
}

/** The number of WAITING uploads, and the bytes announced in the last 24 hours. */
async function announcedFor(tx: Transaction, { party, subjectId }: Announced, at: Date) {
  const dayBefore = new Date(at.getTime() - 86_400_000).toISOString()
  const [found] = await tx
    .select({
      waiting: sql<number>`count(*) filter (where ${uploads.state} = 'WAITING')`.mapWith(Number),
      bytes:
        sql<number>`coalesce(sum(${uploads.size}) filter (where ${uploads.createdAt} > ${dayBefore}::timestamptz), 0)`.mapWith(
          Number,
        ),
    })
    .from(uploads)
    .where(
      and(
        subjectId === null ? isNull(uploads.subjectId) : eq(uploads.subjectId, subjectId),
        eq(uploads.partyId, party),
        sql`(${uploads.state} = 'WAITING' or ${uploads.createdAt} > ${dayBefore}::timestamptz)`,
      ),
    )
  return found ?? { waiting: 0, bytes: 0 }
}
