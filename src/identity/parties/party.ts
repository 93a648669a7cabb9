import { randomBytes } from 'node:crypto'
import { and, eq, inArray, isNotNull, or, sql } from 'drizzle-orm'
import { v4 } from 'uuid'
import { nodeIdOf } from '../../engine/node.js'
import { commandKeys } from '../../events/commandKey.table.js'
import { record } from '../../events/record.js'
import type { Database } from '../../platform/database.js'
import { beginEncrypting, refuseClosedKeys } from '../../platform/installation.js'
import type { Keyring } from '../../platform/keyring.js'
import {
  blindIndexType,
  decryptBytes,
  type EncryptionKey,
  encryptBytes,
  type PartyKey,
} from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import type { Transaction } from '../../platform/seeding.js'
import { callerKinds } from '../../shared/context.js'
import { programs } from '../programs/program.table.js'
import { type PartyKind, parties } from './party.table.js'

const place = (row: string) => ({ table: 'parties', column: 'key', row })

/**
 * Creates a party with its own key, under which domains encrypt its data. With `known`, runs the same statements but changes
 * nothing, and the returned key is useless.
 */
export async function makeParty(
  tx: Transaction,
  keyring: Keyring,
  kind: PartyKind,
  createdAt: Date,
  known?: string,
): Promise<EncryptionKey> {
  // Without the time that other IDs contain: it would reveal to a party when a secret query first named them.
  const party = known ?? v4()
  const secret = randomBytes(32)
  const row = { id: party, kind, createdAt, ...wrapped(keyring, { party, secret }) }
  const made = tx.$with('made').as(tx.insert(parties).values(row).onConflictDoNothing().returning({ id: parties.id }))
  const [begun] = await tx.with(made).select({ remembered: beginEncrypting }).from(sql`(values (1)) as once`)
  refuseClosedKeys(begun?.remembered ?? null, keyring)
  return { party, secret } as EncryptionKey
}

/**
 * The keys of parties, in one statement. Unknown and forgotten parties have none. A key that cannot be unwrapped throws only when
 * it is used, so that it does not affect the others.
 */
export async function keysOf(
  { db }: { db: Pick<Database['db'], 'select'> },
  keyring: Keyring,
  ids: readonly string[],
): Promise<Map<string, PartyKey>> {
  const rows = await db
    .select()
    .from(parties)
    .where(inArray(parties.id, [...ids]))
  return new Map(rows.filter(({ key }) => key).map((row) => [row.id, unwrappedOrNot(keyring, row)]))
}

const toEncrypt = { row: parties, remembered: beginEncrypting }

/**
 * A key for encryption in this transaction. Locks the party, so that it cannot be forgotten meanwhile.
 */
export async function keyToEncrypt(tx: Transaction, keyring: Keyring, id: string): Promise<EncryptionKey> {
  const [found] = await tx.select(toEncrypt).from(parties).where(eq(parties.id, id)).for('share')
  if (!found) throw new Error(`a party is required to encrypt for; ${id} is none`)
  refuseClosedKeys(found.remembered, keyring)
  return unwrapped(keyring, found.row) as EncryptionKey
}

/** Like `keyToEncrypt` for many parties, in one statement. Unknown and forgotten parties have no key. */
export async function keysToEncrypt(
  tx: Transaction,
  keyring: Keyring,
  ids: readonly string[],
): Promise<Map<string, EncryptionKey>> {
  const rows = await tx
    .select(toEncrypt)
    .from(parties)
    .where(and(inArray(parties.id, [...ids]), isNotNull(parties.key)))
    .orderBy(parties.id)
    .for('share')
  refuseClosedKeys(rows[0]?.remembered ?? null, keyring)
  return new Map(rows.map(({ row }) => [row.id, unwrapped(keyring, row) as EncryptionKey]))
}

export type WrappedKey = Pick<typeof parties.$inferSelect, 'id' | 'key' | 'wrappedBy'>

export function unwrapped(keyring: Keyring, { id, key, wrappedBy }: WrappedKey): PartyKey {
  if (!key || !wrappedBy) throw new PartyForgotten(id)
  return { party: id, secret: decryptBytes(keyring.get('wrapping', wrappedBy).secret, key, place(id)) }
}

function unwrappedOrNot(keyring: Keyring, row: WrappedKey): PartyKey {
  try {
    return unwrapped(keyring, row)
  } catch (error) {
    return {
      party: row.id,
      get secret(): never {
        throw error
      },
    }
  }
}

/** The stored form of a party's key. */
export function wrapped(keyring: Keyring, { party, secret }: PartyKey) {
  const { id, secret: wrapping } = keyring.current('wrapping')
  return { key: encryptBytes(wrapping, secret, place(party)), wrappedBy: id }
}

export class PartyForgotten extends Error {
  constructor(readonly party: string) {
    super(`the party ${party} was forgotten: nothing of it opens any more`)
  }
}

/**
 * Deletes the key of a party, its hashes for exact search (a hash of a short identifier can be guessed), and the idempotency keys of
 * its commands, which callers chose.
 * Encrypted data stays, but can no longer be decrypted. A job deletes what is outside the database. Returns false if there was
 * nobody to forget.
 * @later The law for a request to be forgotten is not confirmed, so no command calls it yet.
 */
export async function forgetParty(tx: Transaction, id: string, forgottenAt: Date): Promise<boolean> {
  // Waits for transactions that encrypt for it now.
  const [row] = await tx.select({ key: parties.key }).from(parties).where(eq(parties.id, id)).for('update')
  if (!row?.key) return false
  await tx.update(parties).set({ key: null, wrappedBy: null, forgottenAt }).where(eq(parties.id, id))
  for (const { table, columns } of await indexesIn(tx)) {
    const none = columns.map((column) => sql`${sql.identifier(column)} = null`)
    await tx.execute(sql`update ${sql.raw(table)} set ${sql.join(none, sql`, `)} where party_id = ${id}::uuid`)
  }
  await removeCommandKeys(tx, id)
  const forgotten = { domain: 'identity', type: 'party.forgotten', subject: id, partyId: id }
  await record(tx, [{ ...forgotten, at: forgottenAt, actor: 'forgetParty' }])
  return true
}

/** Idempotency keys of the party, its programs and its representatives. */
async function removeCommandKeys(tx: Transaction, id: string): Promise<void> {
  const own = await tx.select({ id: programs.id }).from(programs).where(eq(programs.partyId, id))
  const callers = [
    ...callerKinds.map((kind) => `${kind.toLowerCase()}:${id}`),
    ...own.map((program) => `program:${program.id}`),
  ]
  await tx
    .delete(commandKeys)
    .where(
      or(inArray(commandKeys.caller, callers), inArray(commandKeys.party, [nodeIdOf('Party', id), id, ...callers])),
    )
}

/** Columns of that type, read from the database, so that no domain needs to list its own. */
export const indexesIn = (tx: Transaction) =>
  tx.execute<{ table: string; columns: string[] }>(sql`
    select attrelid::regclass::text as table, array_agg(attname::text) as columns
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where atttypid = ${blindIndexType}::regtype and relkind in ('r', 'p') and not relispartition and not attisdropped
    group by attrelid`)

/**
 * Wraps keys again that an older key wrapped, `atOnce` at a time. The data under them stays. Can be interrupted and resumed.
 * A command that encrypts for two parties may lock them in another order.
 */
export async function rewrapParties({ db }: Pick<Database, 'db'>, keyring: Keyring, atOnce = 500): Promise<number> {
  const older = keyring
    .all('wrapping')
    .slice(1)
    .map(({ id }) => id)
  let rewrapped = 0
  let some: number
  do {
    some = await withRetries(() => db.transaction((tx) => rewrapSome(tx, keyring, { older, atOnce })))
    rewrapped += some
  } while (some > 0)
  return rewrapped
}

async function rewrapSome(
  tx: Transaction,
  keyring: Keyring,
  { older, atOnce }: { older: string[]; atOnce: number },
): Promise<number> {
  const rows = await tx
    .select()
    .from(parties)
    .where(inArray(parties.wrappedBy, older))
    .orderBy(parties.id)
    .limit(atOnce)
    .for('update')
  const anew = rows.map((row) => ({ id: row.id, key: wrapped(keyring, unwrapped(keyring, row)).key.toString('hex') }))
  await tx.execute(sql`
    update parties set key = decode(anew.key, 'hex'), wrapped_by = ${keyring.current('wrapping').id}
    from jsonb_to_recordset(${JSON.stringify(anew)}::text::jsonb) as anew(id uuid, key text)
    where parties.id = anew.id`)
  return rows.length
}
