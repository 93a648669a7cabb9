import { and, eq, inArray, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { failpoint } from '../../engine/failpoint.js'
import type { UserError } from '../../engine/userError.js'
import type { Work } from '../../events/job.js'
import { mandates } from '../../identity/mandates/mandate.table.js'
import { isInForce } from '../../identity/parties/capacity.repository.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { programs } from '../../identity/programs/program.table.js'
import { endedBy } from '../../identity/programs/programCaller.js'
import { insertRows } from '../../platform/insertRows.js'
import { encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { Assurance } from '../../shared/assurance.table.js'
import { anonymous, type Caller } from '../../shared/context.js'
import { legalDate } from '../../shared/time.js'
import { filings } from '../filing.table.js'
import { type Options, type Outcome, receiveFilings } from '../submission/receiveFilings.js'
import { isExternalNumber, mostErrors } from '../submission/toFile.js'
import { endBatch } from './filingBatch.repository.js'
import { Stopped } from './filingBatch.rules.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'
import { FilingBatchOutcome, filingBatchLines } from './filingBatchLine.table.js'
import type { Item, Items } from './readItems.js'

interface Batch {
  batch: { id: string; partyId: string; createdBy: string }
  /** The number of lines of the file. */
  lines: number
  signed: NonNullable<Options['batch']>['signed']
}

/**
 * Files the items and records what became of each, in one transaction. Throws `Stopped` if the batch may not go on. Another
 * worker that has handled these lines has overtaken this one.
 */
export async function handleItems(
  work: Work,
  { batch, lines, signed }: Batch,
  { before, items }: Items,
): Promise<'more' | 'ended' | 'overtaken'> {
  const { keyring, signingKeys } = work
  return await work.database.db.transaction(async (tx) => {
    const at = work.now()
    const { caller, ...locked } = await lockBatch(tx, batch.id, at)
    if (locked.state !== FilingBatchState.RUNNING) return 'ended'
    if (locked.done !== before) return 'overtaken'
    await refuseEndedMandates(tx, locked.mandateIds, at)
    const context = { caller, keyring, signingKeys, now: () => at, today: legalDate(at) }
    const good = items.flatMap((item) => ('toFile' in item ? [item.toFile] : []))
    const options = { batch: { id: batch.id, ...(signed && { signed }) }, mostErrors }
    const filed = await receiveFilings({ tx, context }, good, options)
    let next = 0
    const outcomes = items.map((item) => ('toFile' in item ? (filed[next++] as Outcome) : item)) // one for each
    const rows = items.map((item, place) => rowOf(batch, before + place + 1, item, outcomes[place] as Outcome))
    await keepLines(tx, work, batch.partyId, rows)
    const done = before + items.length
    await countLines(tx, batch.id, { done, rows, at })
    if (done === lines)
      await endBatch(tx, eq(filingBatches.id, batch.id), { state: FilingBatchState.COMPLETED, at, actor })
    await failpoint('filing_batch.handled')
    return done === lines ? 'ended' : 'more'
  })
}
const actor = 'filing batches'

/** Locks a batch. Its caller is the program that sent it, as it may act now. */
async function lockBatch(tx: Transaction, id: string, at: Date) {
  const [found] = await tx
    .select({
      batch: filingBatches,
      name: programs.name,
      scopes: programs.scopes,
      hasEnded: sql<boolean>`${sql.raw(endedBy(`'${at.toISOString()}'::timestamptz`))}`,
    })
    .from(filingBatches)
    .innerJoin(programs, eq(programs.id, filingBatches.programId))
    .where(eq(filingBatches.id, id))
    .for('no key update', { of: filingBatches })
  if (!found) throw new Error(`a batch that was there a moment ago is gone; ${id}`)
  const { batch, name, scopes, hasEnded } = found
  if (batch.state === FilingBatchState.RUNNING && (hasEnded || !scopes.includes('filings:write')))
    throw new Stopped('filing_batch.program_ended')
  const caller: Caller = {
    ...anonymous,
    kind: 'PROGRAM',
    id: batch.createdBy,
    party: batch.partyId,
    assurance: Assurance.SUBSTANTIAL,
    program: { id: batch.programId, name, scopes: new Set(scopes) },
  }
  return { ...batch, caller }
}

/** The mandates used before must stay in force until the transaction ends. */
async function refuseEndedMandates(tx: Transaction, ids: string[], at: Date): Promise<void> {
  if (ids.length === 0) return
  const inForce = await tx
    .select({ id: mandates.id })
    .from(mandates)
    .where(and(inArray(mandates.id, ids), isInForce(at)))
    .orderBy(mandates.id)
    .for('share')
  if (inForce.length < ids.length) throw new Stopped('filing_batch.mandate_ended')
}

type LineRow = ReturnType<typeof rowOf>
function rowOf({ id: batchId, partyId }: Batch['batch'], line: number, item: Item, outcome: Outcome) {
  const { externalNumber } = 'toFile' in item ? item.toFile : item
  const isFiled = 'filingId' in outcome
  return {
    id: v7(),
    batchId,
    line,
    partyId,
    // A number that is not accepted may be of any length.
    externalNumber: typeof externalNumber === 'string' && isExternalNumber(externalNumber) ? externalNumber : null,
    outcome: isFiled
      ? outcome.replayed
        ? FilingBatchOutcome.REPEATED
        : FilingBatchOutcome.FILED
      : FilingBatchOutcome.REFUSED,
    filingId: isFiled ? outcome.filingId : null,
    userErrors: isFiled ? null : (outcome.userErrors as UserError[]), // not changed
  }
}

async function keepLines(tx: Transaction, { keyring }: Work, partyId: string, rows: LineRow[]): Promise<void> {
  const key = rows.some(({ userErrors }) => userErrors) ? await keyToEncrypt(tx, keyring, partyId) : undefined
  const kept = rows.map((row) => (key ? encrypt(key, filingBatchLines, row) : { ...row, userErrors: null }))
  await tx.execute(insertRows(filingBatchLines, kept))
}

interface Counted {
  done: number
  rows: LineRow[]
  at: Date
}
async function countLines(tx: Transaction, id: string, { done, rows, at }: Counted): Promise<void> {
  const many = (outcome: FilingBatchOutcome) => rows.filter((row) => row.outcome === outcome).length
  const fresh = rows.flatMap(({ outcome, filingId }) =>
    outcome === FilingBatchOutcome.FILED && filingId ? [filingId] : [],
  )
  const used = tx
    .select({ id: sql`unnest(${filings.mandateIds})` })
    .from(filings)
    .where(sql`${filings.id} = any(${`{${fresh.join()}}`}::uuid[])`)
  await tx
    .update(filingBatches)
    .set({
      done,
      filed: sql`${filingBatches.filed} + ${many(FilingBatchOutcome.FILED)}`,
      repeated: sql`${filingBatches.repeated} + ${many(FilingBatchOutcome.REPEATED)}`,
      refused: sql`${filingBatches.refused} + ${many(FilingBatchOutcome.REFUSED)}`,
      mandateIds: sql`array(select unnest(${filingBatches.mandateIds}) union ${used})`,
      changedAt: at,
      workedAt: at,
    })
    .where(eq(filingBatches.id, id))
}
