import type { Work } from '../../events/job.js'
import { digestOf } from './access.digest.js'
import {
  checkpointsOf,
  findUncovered,
  findUncoveredReference,
  type Logged,
  placedRows,
  recordedReferences,
  uncoveredRows,
} from './access.repository.js'
import { type Checkpoint, hashing, isSignedBy, noCheckpoint, publicKeyOf } from './accessCheckpoint.js'
import { digestsOf, type Reference, verifyReferences } from './accessReference.js'
import { verifyCopy } from './verifyCopy.js'

export type Verifying = Pick<Work, 'database' | 'keyring' | 'now'>

/** What was verified, and the first faults found, in plain words. */
export class Findings {
  readonly lines: string[] = []
  readonly faults: string[] = []
  count = 0

  report(line: string): void {
    this.lines.push(line)
  }
  fault(line: string): void {
    if (++this.count <= maxFaults) this.faults.push(line)
  }
}
const maxFaults = 50

/** Verifies each row, checkpoint and copy, a page at a time. Changes nothing. */
export async function verifyAccessLog(verifying: Verifying, folders: readonly string[]): Promise<Findings> {
  const findings = new Findings()
  await verifyCheckpoints(verifying, findings)
  await verifyUncovered(verifying, findings)
  for (const folder of folders) await verifyCopy(verifying, folder, findings)
  return findings
}

type Before = Pick<Checkpoint, 'number' | 'lastPosition' | 'hash'>

async function verifyCheckpoints({ database, keyring }: Verifying, findings: Findings): Promise<void> {
  const rows = peeking(placedRows(database))
  const recorded = peeking(recordedReferences(database))
  const keys = new Map(keyring.all('accessLog').map((key) => [key.id, publicKeyOf(key)]))
  let before: Before = noCheckpoint
  for await (const checkpoint of checkpointsOf(database)) {
    verifyPlace(checkpoint, before, findings)
    await verifyRows(checkpoint, rows, await referencesOf(checkpoint, recorded), findings)
    const key = keys.get(checkpoint.keyId)
    if (!key)
      findings.fault(`Checkpoint ${checkpoint.number} names the key ${checkpoint.keyId}, which is not in the keyring.`)
    else if (!isSignedBy(checkpoint, key))
      findings.fault(`The signature of checkpoint ${checkpoint.number} does not match the key ${checkpoint.keyId}.`)
    before = checkpoint
  }
  const uncovered = await findUncovered(database)
  if (uncovered)
    findings.fault(
      `No checkpoint covers the rows from position ${uncovered[0]} to ${uncovered[1]}. Checkpoints were deleted, or positions were invented.`,
    )
  const orphaned = await findUncoveredReference(database)
  if (orphaned) findings.fault(`Checkpoint ${orphaned} has recorded references but is missing.`)
  const count = await verifyReferences({ database, keyring }, (line) => findings.fault(line))
  findings.report(
    `Covered: ${before.lastPosition} rows by ${before.number} checkpoints, with ${count} recorded references.`,
  )
}

function verifyPlace(checkpoint: Checkpoint, before: Before, findings: Findings): void {
  const [next, position] = [before.number + 1n, before.lastPosition + 1n]
  if (checkpoint.number !== next)
    findings.fault(`${missing('checkpoint', next, checkpoint.number - 1n)} before checkpoint ${checkpoint.number}.`)
  else if (!checkpoint.previous.equals(before.hash))
    findings.fault(
      `Checkpoint ${checkpoint.number} does not contain the hash of checkpoint ${before.number}. One of the two was changed.`,
    )
  if (checkpoint.firstPosition !== position && checkpoint.number === next)
    findings.fault(
      `Checkpoint ${checkpoint.number} should begin at position ${position}, but begins at ${checkpoint.firstPosition}.`,
    )
}

async function verifyRows(
  { hash, signature, ...head }: Checkpoint,
  rows: Peeking<Placed>,
  references: readonly Reference[],
  findings: Findings,
): Promise<void> {
  const { count } = findings
  const hashed = hashing(head)
  const displaced: bigint[] = []
  let next = head.firstPosition
  let id = ''
  for (let row = await rows.peek(); row && row.position <= head.lastPosition; row = await rows.peek()) {
    await rows.take()
    if (row.position < next) {
      findings.fault(`No checkpoint covers the row at position ${row.position}.`)
      continue
    }
    if (row.position > next) findings.fault(`${missing('row at position', next, row.position - 1n)}.`)
    if (!isAsDigested(row)) findings.fault(`The row at position ${row.position} was changed.`)
    if (row.access.id < id && displaced.length < 10) displaced.push(row.position)
    hashed.add(row.access.digest)
    id = row.access.id
    next = row.position + 1n
  }
  if (next <= head.lastPosition) findings.fault(`${missing('row at position', next, head.lastPosition)}.`)
  for (const digest of digestsOf(references)) hashed.add(digest)
  // Skips what a more precise fault already reports.
  if (hashed.end().equals(hash) || findings.count > count) return
  const what = references.length > 0 ? 'Rows, their order or recorded references' : 'Rows or their order'
  const where = displaced.length > 0 ? ` Out of order: ${displaced.join(', ')}.` : ''
  findings.fault(
    `The rows from position ${head.firstPosition} to ${head.lastPosition} do not match checkpoint ${head.number}. ${what} changed.${where}`,
  )
}

/** Skips references of missing checkpoints, which are reported separately. */
async function referencesOf({ number }: Checkpoint, recorded: Peeking<Reference>): Promise<Reference[]> {
  const references: Reference[] = []
  for (let next = await recorded.peek(); next && next.checkpointNumber <= number; next = await recorded.peek()) {
    await recorded.take()
    if (next.checkpointNumber === number) references.push(next)
  }
  return references
}

type Placed = Logged & { position: bigint }

const missing = (what: string, first: bigint, last: bigint) =>
  `Missing: ${what} ${first === last ? first : `${first} to ${last}`}`

const isAsDigested = ({ access: { position, digest, ...digested }, isExact }: Logged): boolean =>
  isExact && digestOf(digested).equals(digest)

/** Seconds after which an uncovered row is a fault. A worker covers rows each second. */
const latestCheckpoint = 60

async function verifyUncovered({ database, now }: Verifying, findings: Findings): Promise<void> {
  let rows = 0
  let oldest = Number.POSITIVE_INFINITY
  for await (const row of uncoveredRows(database)) {
    rows++
    oldest = Math.min(oldest, row.access.at.getTime())
    if (!isAsDigested(row)) findings.fault(`The row ${row.access.id} was changed. No checkpoint covers it yet.`)
  }
  const age = Math.round((now().getTime() - oldest) / 1000)
  if (age > latestCheckpoint)
    findings.fault(
      `${rows} rows are not covered. The oldest is ${age} seconds old, but the worker covers rows within ${latestCheckpoint}. Start the worker, or find out why it does not sign. Until then, the deletion of a row is not detected.`,
    )
  findings.report(
    rows === 0
      ? 'Not covered yet: none.'
      : `Not covered yet: ${rows} rows, the oldest of ${new Date(oldest).toISOString()}, ${age} seconds ago. Their deletion or rewriting is not detected.`,
  )
}

interface Peeking<T> {
  peek(): Promise<T | undefined>
  take(): Promise<void>
}
function peeking<T>(all: AsyncGenerator<T>): Peeking<T> {
  let held: Promise<IteratorResult<T>> | undefined
  const peek = async () => {
    held ??= all.next()
    const { done, value } = await held
    return done ? undefined : value
  }
  const take = async () => {
    await peek()
    held = undefined
  }
  return { peek, take }
}
