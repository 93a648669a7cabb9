import { and, eq, sql } from 'drizzle-orm'
import { Field, ID, InputType, Int } from 'type-graphql'
import { v7 } from 'uuid'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { partyOrSelf } from '../../identity/parties/partyArgument.js'
import { encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { hasScope, highestAssuranceSoFar, only } from '../../shared/context.js'
import { termEnded } from './expireUpload.js'
import { Upload } from './upload.js'
import { nameAsKept, userErrorsBeside, userErrorsInUpload } from './upload.rules.js'
import { UploadState, uploads } from './upload.table.js'

@InputType({ description: 'Input of `createUpload`.' })
export class CreateUploadInput {
  @Field(() => ID, {
    nullable: true,
    description: 'ID of the party that owns the file. Defaults to the caller (for a program: its organisation).',
  })
  partyId?: string | null
  @Field(() => String, {
    nullable: true,
    description:
      'Code of the service for which the file is. Required if the caller may file for the party in some services only.',
  })
  serviceCode?: string | null
  @Field(() => String, {
    description: 'File name with its extension and without a path, 1 to 200 characters, such as "passport.pdf".',
  })
  name!: string
  @Field(() => Int, { description: 'Size in bytes.' })
  size!: number
  @Field(() => String, { description: 'SHA-256 of the file, as 64 hexadecimal digits.' })
  sha256!: string
}

const sendsUploads = only(
  'sendsUploads',
  'persons, and programs with the scope documents:write',
  ['PERSON', 'PROGRAM'],
  highestAssuranceSoFar,
  (caller) => hasScope(caller, 'documents:write'),
)

export const createUpload = command({
  name: 'createUpload',
  description:
    'Announces a file, which the client then sends to its `uploadUrl`. For the party and for holders of the power ' +
    'FILE over it; a program also requires the scope `documents:write`. Accepts PDF, JPEG and PNG up to 20 MiB, or ' +
    'the limit of the installation. At most 20 files of a party may be WAITING. Returns FORBIDDEN without the power ' +
    'or the scope, and STEP_UP_REQUIRED if the caller once signed in with a higher assurance. User errors are ' +
    'MISSING or INVALID for a wrong field. NOT_ALLOWED_NOW means that too many files are WAITING, or that the daily ' +
    'limit is reached.',
  allowedTo: sendsUploads,
  input: CreateUploadInput,
  key: 'required',
  creates: true,
  made: { upload: { type: Upload, description: 'Announced upload. Send the file to its `uploadUrl`.' } },
  async act(input: CreateUploadInput, acting: Acting) {
    const { tx, context } = acting
    const { party, mandates } = await authorityOver(acting, partyOrSelf(input.partyId), {
      power: Power.FILE,
      scope: 'documents:write',
      ...(input.serviceCode != null && { service: input.serviceCode }),
    })
    const announced = { ...input, name: nameAsKept(input.name) }
    const userErrors = userErrorsInUpload(announced, context.uploadLimits)
    if (userErrors.length > 0) return refused(userErrors)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${party}`}, 0))`)
    const at = context.now() // after the lock, so that times follow the order of commits
    const beside = userErrorsBeside(announced, await announcedFor(tx, party, at), context.uploadLimits)
    if (beside.length > 0) return refused(beside)

    const id = v7()
    const row = {
      id,
      partyId: party,
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
    await setDeadline(tx, { domain: 'documents', type: termEnded, subject: id, partyId: party, dueAt })
    const [first, second] = mandates
    const ids = { ...(first && { under: first }), ...(second && { through: second }) }
    const actor = context.caller.id
    await record(tx, [{ domain: 'documents', type: 'upload.announced', subject: id, partyId: party, at, actor, ids }])
    return made({ upload: id })
  },
})

/** The number of WAITING uploads, and the bytes announced in the last 24 hours. */
async function announcedFor(tx: Transaction, party: string, at: Date) {
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
        eq(uploads.partyId, party),
        sql`(${uploads.state} = 'WAITING' or ${uploads.createdAt} > ${dayBefore}::timestamptz)`,
      ),
    )
  return found ?? { waiting: 0, bytes: 0 }
}
