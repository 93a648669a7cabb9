import { createHash, createHmac } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import {
  type Given,
  type Keys,
  type Made,
  type Outcome,
  type Refused,
  type Results,
  refused,
} from '../engine/command.js'
import { refusal } from '../engine/errors.js'
import { failpoint } from '../engine/failpoint.js'
import { beforeDeadline } from '../engine/statement.js'
import type { UserError } from '../engine/userError.js'
import type { Key } from '../platform/keyring.js'
import { withRetries } from '../platform/retries.js'
import type { Transaction } from '../platform/seeding.js'
import type { Context } from '../shared/context.js'
import { canonical } from './canonical.js'
import { commandKeys } from './commandKey.table.js'

/** What a command acts with. Neither loaders nor `context.database` belong to its transaction. */
export interface Acting {
  tx: Transaction
  context: Context
}
type Act = (acting: Acting) => Promise<Made | Results | Refused>

/**
 * Runs a command in one transaction, once for each key. The transaction inserts the key, so a second command with it
 * waits. A refusal rolls back everything, including the key.
 */
export async function once(context: Context, given: Given, act: Act): Promise<Outcome> {
  // Anonymous callers would share their keys.
  if (given.key !== undefined && context.caller.kind === 'ANONYMOUS' && given.scope === undefined)
    throw refusal('UNAUTHENTICATED', 'An idempotencyKey requires a signed-in caller.')
  const outcome = await beforeDeadline(context.deadline, () => withRetries(() => attempt(context, given, act)), tooLate)
  if (!('userErrors' in outcome) && !('replayed' in outcome && outcome.replayed)) await failpoint('command.committed')
  return outcome
}

async function attempt(context: Context, given: Given, act: Act): Promise<Outcome> {
  try {
    return await context.database.db.transaction(async (tx) => {
      const before = await keyed(tx, context, given)
      if (before) return before
      const outcome = await act({ tx, context })
      if ('userErrors' in outcome) throw new Undone(outcome)
      if ('made' in outcome) await keep(tx, context, given, outcome.made)
      await failpoint('command.acted')
      refuseLate(context)
      return 'made' in outcome ? { ...outcome, replayed: outcome.replayed ?? false } : outcome
    })
  } catch (error) {
    if (error instanceof Undone) return error.outcome
    throw error
  }
}

/** Drizzle only rolls back for an error. */
class Undone extends Error {
  constructor(readonly outcome: Refused) {
    super('refused')
  }
}

/** Inserts the key. Undefined if it was free, otherwise the result of the command that has it. */
async function keyed(tx: Transaction, context: Context, given: Given): Promise<Outcome | undefined> {
  refuseLate(context)
  if (given.key === undefined) return undefined
  const row = rowOf(context, given, given.key)
  const key = context.keyring.current('commands')
  const fresh = { ...row, digest: digestOf(key, row, given), digestKey: key.id, at: context.now() }
  const taken = await tx.insert(commandKeys).values(fresh).onConflictDoNothing().returning({ key: commandKeys.key })
  if (taken.length === 0) return replayOf(tx, context, given, row)
  await failpoint('command.keyed')
  return undefined
}

async function replayOf(tx: Transaction, context: Context, given: Given, row: Row): Promise<Outcome> {
  const [before] = await tx.select().from(commandKeys).where(isRow(row))
  if (!before?.made) throw new Error(`the key of ${row.mutation} was taken and is gone, or has nothing to show`)
  const digest = digestOf(context.keyring.get('commands', before.digestKey), row, given)
  return digest === before.digest ? { made: before.made, replayed: true } : refused([reused])
}
const reused: UserError = {
  code: 'KEY_REUSED',
  reason: 'idempotencyKey.reused',
  field: ['idempotencyKey'],
}

async function keep(tx: Transaction, context: Context, given: Given, made: Made['made']): Promise<void> {
  if (given.key === undefined) return
  const kept = await tx
    .update(commandKeys)
    .set({ made: made as Record<string, Keys> }) // JSON omits an undefined field
    .where(isRow(rowOf(context, given, given.key)))
    .returning({ key: commandKeys.key })
  if (kept.length !== 1) throw new Error(`the key of ${given.mutation} is gone from its own transaction`)
}

/** The scope in which a key is unique. */
interface Row {
  caller: string
  /** Of an anonymous caller, the hash of what the input is about. */
  party: string
  mutation: string
  key: string
}
function rowOf({ caller: { id, kind } }: Context, { mutation, scope, input }: Given, key: string): Row {
  const own = typeof input.partyId === 'string' ? input.partyId : id
  return { caller: id, party: kind === 'ANONYMOUS' ? hashOf(scope ?? id) : own, mutation, key }
}
/** As short as an index wants it, whatever the client sent. */
const hashOf = (scope: string) => createHash('sha256').update(scope).digest('base64url')
const isRow = ({ caller, party, mutation, key }: Row) =>
  and(
    eq(commandKeys.caller, caller),
    eq(commandKeys.party, party),
    eq(commandKeys.mutation, mutation),
    eq(commandKeys.key, key),
  )

/** Includes the row, so that equal inputs do not look alike. */
const digestOf = ({ secret }: Key, { caller, party, mutation, key }: Row, { input }: Given): string =>
  createHmac('sha256', secret)
    .update(canonical([caller, party, mutation, key, input]))
    .digest('base64url')

/** The caller has already received TIMEOUT. */
function refuseLate({ deadline }: Context): void {
  if (Date.now() >= deadline) throw tooLate()
}
const tooLate = () =>
  refusal(
    'TIMEOUT',
    'The request took too long. It may have succeeded: retry with the same idempotencyKey, or check before you retry.',
  )
