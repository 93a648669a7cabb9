import type { Work } from '../../events/job.js'
import { digestOf } from './access.digest.js'
import {
  findUncovered,
  findUnsealedReference,
  type Logged,
  placedRows,
  recordedReferences,
  sealsOf,
  unsealedRows,
} from './access.repository.js'
import { digestsOf, type Reference, verifyReferences } from './accessReference.js'
import { hashing, isSignedBy, noSeal, publicKeyOf, type Seal } from './accessSeal.js'
import { verifyCopy } from './verifyCopy.js'

export type Verifying = Pick<Work, 'database' | 'keyring' | 'now'>

/** What was looked at, and what is wrong with it, in plain words; of faults the first ones. */
export class Findings {
  readonly told: string[] = []
  readonly faults: string[] = []
  count = 0

  tell(line: string): void {
    this.told.push(line)
  }
  fault(line: string): void {
    if (++this.count <= mostFaults) this.faults.push(line)
  }
}
const mostFaults = 50

/** Looks at each row, each seal and each copy, however many: at no more than a page at once. Changes nothing. */
export async function verifyAccessLog(verifying: Verifying, folders: readonly string[]): Promise<Findings> {
  const findings = new Findings()
  await verifySeals(verifying, findings)
  await verifyUnsealed(verifying, findings)
  for (const folder of folders) await verifyCopy(verifying, folder, findings)
  return findings
}

type Before = Pick<Seal, 'number' | 'lastPosition' | 'hash'>

async function verifySeals({ database, keyring }: Verifying, findings: Findings): Promise<void> {
  const rows = peeking(placedRows(database))
  const recorded = peeking(recordedReferences(database))
  const keys = new Map(keyring.all('accessLog').map((key) => [key.id, publicKeyOf(key)]))
  let before: Before = noSeal
  for await (const seal of sealsOf(database)) {
    verifyPlace(seal, before, findings)
    await verifyRows(seal, rows, await referencesOf(seal, recorded), findings)
    const key = keys.get(seal.keyId)
    if (!key)
      findings.fault(`Seal ${seal.number} says that it is signed by ${seal.keyId}; the keyring has no such key.`)
    else if (!isSignedBy(seal, key)) findings.fault(`Seal ${seal.number} is not signed by ${seal.keyId}, as it says.`)
    before = seal
  }
  const uncovered = await findUncovered(database)
  if (uncovered)
    findings.fault(
      `The rows from position ${uncovered[0]} to ${uncovered[1]} stand under no seal: the seals were taken out, or the positions made up.`,
    )
  const unsealed = await findUnsealedReference(database)
  if (unsealed) findings.fault(`What rows under seal ${unsealed} refer to was recorded, and there is no such seal.`)
  const count = await verifyReferences({ database, keyring }, (line) => findings.fault(line))
  findings.tell(
    `Sealed: ${before.lastPosition} rows under ${before.number} seals, with the meaning of ${count} ids in them.`,
  )
}

function verifyPlace(seal: Seal, before: Before, findings: Findings): void {
  const [next, position] = [before.number + 1n, before.lastPosition + 1n]
  if (seal.number !== next)
    findings.fault(`${between('Seal', next, seal.number - 1n)} missing before seal ${seal.number}.`)
  else if (!seal.previous.equals(before.hash))
    findings.fault(`Seal ${seal.number} does not follow from the seal before it: one of the two was changed.`)
  if (seal.firstPosition !== position && seal.number === next)
    findings.fault(`Seal ${seal.number} must begin at position ${position}; it begins at ${seal.firstPosition}.`)
}

async function verifyRows(
  { hash, signature, ...head }: Seal,
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
      findings.fault(`The row at position ${row.position} stands under no seal.`)
      continue
    }
    if (row.position > next) findings.fault(`${between('The row at position', next, row.position - 1n)} missing.`)
    if (!isAsDigested(row)) findings.fault(`The row at position ${row.position} was changed.`)
    if (row.access.id < id && displaced.length < 10) displaced.push(row.position)
    hashed.add(row.access.digest)
    id = row.access.id
    next = row.position + 1n
  }
  if (next <= head.lastPosition) findings.fault(`${between('The row at position', next, head.lastPosition)} missing.`)
  for (const digest of digestsOf(references)) hashed.add(digest)
  // What is known more closely is not told a second time.
  if (hashed.end().equals(hash) || findings.count > count) return
  const recorded = references.length > 0 ? '; or what they refer to was recorded otherwise' : ''
  const where = displaced.length > 0 ? `; they leave their order at ${displaced.join(', ')}` : ''
  findings.fault(
    `The rows from position ${head.firstPosition} to ${head.lastPosition} are not those that seal ${head.number} was put over, or not in that order${where}${recorded}.`,
  )
}

/** Those of seals that are gone are passed over: they are told apart from this. */
async function referencesOf({ number }: Seal, recorded: Peeking<Reference>): Promise<Reference[]> {
  const references: Reference[] = []
  for (let next = await recorded.peek(); next && next.sealNumber <= number; next = await recorded.peek()) {
    await recorded.take()
    if (next.sealNumber === number) references.push(next)
  }
  return references
}

type Placed = Logged & { position: bigint }

const between = (what: string, first: bigint, last: bigint) =>
  first === last ? `${what} ${first} is` : `${what} ${first} and all up to ${last} are`

const isAsDigested = ({ access: { position, digest, ...digested }, isExact }: Logged): boolean =>
  isExact && digestOf(digested).equals(digest)

/** Seconds after which a row that is not sealed is a fault: a worker seals each second. */
const latestSeal = 60

async function verifyUnsealed({ database, now }: Verifying, findings: Findings): Promise<void> {
  let rows = 0
  let oldest = Number.POSITIVE_INFINITY
  for await (const row of unsealedRows(database)) {
    rows++
    oldest = Math.min(oldest, row.access.at.getTime())
    if (!isAsDigested(row)) findings.fault(`The row ${row.access.id}, which is not sealed yet, was changed.`)
  }
  const age = Math.round((now().getTime() - oldest) / 1000)
  if (age > latestSeal)
    findings.fault(
      `${rows} rows are not sealed; the oldest is ${age} seconds old, and a worker seals within ${latestSeal}. Start the worker, or find out what keeps it from sealing. Until then a row can be removed without a trace.`,
    )
  findings.tell(
    rows === 0
      ? 'Not sealed yet: none.'
      : `Not sealed yet: ${rows} rows, the oldest of ${new Date(oldest).toISOString()}, ${age} seconds ago. Who takes these out, or writes them anew, is not found.`,
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
