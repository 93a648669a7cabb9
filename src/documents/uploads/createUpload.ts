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
import { asSurelyAsEver, hasScope, only } from '../../shared/context.js'
import { termEnded } from './expireUpload.js'
import { Upload } from './upload.js'
import { nameAsKept, refusalsBeside, refusalsToAnnounce } from './upload.rules.js'
import { UploadState, uploads } from './upload.table.js'

@InputType({ description: 'What file is going to be sent, and whose it is.' })
export class CreateUploadInput {
  @Field(() => ID, { nullable: true, description: 'Whose it is: the id of a party. Null: one’s own.' })
  partyId?: string | null
  @Field(() => String, {
    nullable: true,
    description: 'The code of the service that it is for: for those who may file for the party in some services alone.',
  })
  service?: string | null
  @Field(() => String, {
    description: 'What it is called, with its ending and without a path: 1 to 200 characters. "passport.pdf"',
  })
  name!: string
  @Field(() => Int, { description: 'Its length in bytes.' })
  size!: number
  @Field(() => String, { description: 'The SHA-256 of its bytes, in 64 hexadecimal digits.' })
  sha256!: string
}

const sendsUploads = only(
  'sendsUploads',
  'persons, and programs with the scope documents:write',
  ['PERSON', 'PROGRAM'],
  asSurelyAsEver,
  (caller) => hasScope(caller, 'documents:write'),
)

export const createUpload = command({
  name: 'createUpload',
  description:
    'Announces a file, to be sent to its `uploadUrl`. For the party itself, for whoever has the power FILE over it, and for ' +
    'programs with the scope `documents:write`. PDF, JPEG and PNG are taken, of at most 20 MiB where the installation says nothing ' +
    'else; at most 20 files of one party wait at a time.',
  allowedTo: sendsUploads,
  input: CreateUploadInput,
  key: 'required',
  creates: true,
  made: { upload: { type: Upload, description: 'What was announced. Where to send it: `uploadUrl`.' } },
  async act(input: CreateUploadInput, acting: Acting) {
    const { tx, context } = acting
    const { party, mandates } = await authorityOver(acting, partyOrSelf(input.partyId), {
      power: Power.FILE,
      scope: 'documents:write',
      ...(input.service != null && { service: input.service }),
    })
    const announced = { ...input, name: nameAsKept(input.name) }
    const unfit = refusalsToAnnounce(announced, context.uploadLimits)
    if (unfit.length > 0) return refused(unfit)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${party}`}, 0))`)
    const at = context.now() // of two at once, the later one's is later
    const beside = refusalsBeside(announced, await announcedFor(tx, party, at), context.uploadLimits)
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

/** How many wait, and how much came to be announced in the 24 hours before. */
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
