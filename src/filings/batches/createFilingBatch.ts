import { and, eq, sql } from 'drizzle-orm'
import { Field, InputType, Int } from 'type-graphql'
import { v7 } from 'uuid'
import { filingSignatureType } from '../../documents/signatures/signature.rules.js'
import { command, made, refused } from '../../engine/command.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { type Context, hasScope, only } from '../../shared/context.js'
import { refusalOfSignature } from '../submission/signature.rules.js'
import { payloadOf } from '../submission/toFile.js'
import { termEnded } from './expireFilingBatch.js'
import { FilingBatch } from './filingBatch.js'
import { batchLimits, userErrorsBeside, userErrorsInBatch } from './filingBatch.rules.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'

@InputType({ description: 'Input of `createFilingBatch`.' })
export class CreateFilingBatchInput {
  @Field(() => Int, { description: 'Size of the file in bytes, as sent: compressed, if it is.' })
  size!: number
  @Field(() => String, { description: 'SHA-256 of the file, as 64 hexadecimal digits.' })
  sha256!: string
  @Field(() => String, {
    nullable: true,
    description:
      'One signature over all lines, instead of one in each line. A detached, compact JWS of the type ' +
      '`pencere-filing+jose` over the canonical JSON `{ batchSha256, sandbox }`: the hash in lower case, and `sandbox` as ' +
      'true in a sandbox only.',
  })
  signature?: string | null
}

const sendsBatches = only('sendsBatches', 'programs with the scope filings:write', ['PROGRAM'], {}, (caller) =>
  hasScope(caller, 'filings:write'),
)

export const createFilingBatch = command({
  name: 'createFilingBatch',
  description:
    'Announces a file of filings, which the program then sends to its `uploadUrl`. The file is NDJSON, plain or gzip: each ' +
    'line is an item of `submitFilings`, whose content is JSON. At most 512 MiB, also unpacked, 100,000 lines and 256 KiB a ' +
    'line. Lines are filed in order; one with errors does not affect the others. At most 20 batches of an organisation may be ' +
    'WAITING. Requires a program with the scope `filings:write`. User errors are INVALID for a wrong size, hash or ' +
    'signature. NOT_ALLOWED_NOW means that too many batches are WAITING, or that the daily limit is reached.',
  allowedTo: sendsBatches,
  input: CreateFilingBatchInput,
  key: 'required',
  creates: true,
  made: { batch: { type: FilingBatch, description: 'Announced batch. Send the file to its `uploadUrl`.' } },
  prepare: async ({ signature, sha256 }: CreateFilingBatchInput, context: Context) =>
    signature == null ? undefined : await refusalOver(sha256.toLowerCase(), signature, context),
  async act(input: CreateFilingBatchInput, { tx, context }: Acting, refusal?: UserError) {
    const { size, sha256, signature = null } = input
    const { caller, keyring } = context
    if (caller.kind !== 'PROGRAM') throw new Error(`only a program may send a batch; ${caller.id} is none`)
    const userErrors = [...userErrorsInBatch({ size, sha256 }), ...(refusal ? [refusal] : [])]
    if (userErrors.length > 0) return refused(userErrors)
    const { party: partyId, program } = caller
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`filing batches of ${partyId}`}, 0))`)
    const at = context.now() // after the lock, so that times follow the order of commits
    const beside = userErrorsBeside(size, await announcedBy(tx, partyId, at))
    if (beside.length > 0) return refused(beside)

    const id = v7()
    const dueAt = new Date(at.getTime() + batchLimits.hoursToSend * 3_600_000)
    const row = {
      id,
      partyId,
      programId: program.id,
      createdBy: caller.id,
      state: FilingBatchState.WAITING,
      size,
      sha256: Buffer.from(sha256, 'hex'),
      signature,
      createdAt: at,
      changedAt: at,
      expiresAt: dueAt,
    }
    await tx.insert(filingBatches).values(encrypt(await keyToEncrypt(tx, keyring, partyId), filingBatches, row))
    await setDeadline(tx, { domain: 'filings', type: termEnded, subject: id, partyId, dueAt })
    const created = { domain: 'filings', type: 'filing_batch.created', subject: id, partyId }
    await record(tx, [{ ...created, at, actor: caller.id }])
    return made({ batch: id })
  },
})

/** Why a signature does not count for a file with that hash. */
async function refusalOver(
  batchSha256: string,
  signature: string,
  { trust, signingKeys }: Context,
): Promise<UserError | undefined> {
  const certificate = await trust.check(signature, filingSignatureType)
  if ('refused' in certificate) return refusalOfSignature(certificate)
  return (await certificate.isOver(payloadOf({ batchSha256 }, signingKeys)))
    ? undefined
    : refusalOfSignature({ refused: 'not_of_this', why: 'payload' })
}

/** The number of WAITING batches, and the bytes announced in the last 24 hours. */
async function announcedBy(tx: Transaction, partyId: string, at: Date) {
  const dayBefore = new Date(at.getTime() - 86_400_000).toISOString()
  const isOfToday = sql`${filingBatches.createdAt} > ${dayBefore}::timestamptz`
  const isWaiting = eq(filingBatches.state, FilingBatchState.WAITING)
  const [found] = await tx
    .select({
      waiting: sql<number>`count(*) filter (where ${isWaiting})`.mapWith(Number),
      bytes: sql<number>`coalesce(sum(${filingBatches.size}) filter (where ${isOfToday}), 0)`.mapWith(Number),
    })
    .from(filingBatches)
    // A batch waits for a day at most.
    .where(and(eq(filingBatches.partyId, partyId), sql`(${isWaiting} or ${isOfToday})`))
  return found ?? { waiting: 0, bytes: 0 }
}
