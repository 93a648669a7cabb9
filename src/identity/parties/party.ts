import { randomBytes } from 'node:crypto'
import { and, eq, inArray, isNotNull, or, sql } from 'drizzle-orm'
import { v4 } from 'uuid'
import { nodeIdOf } from '../../engine/node.js'
import { commandKeys } from '../../events/commandKey.table.js'
import { record } from '../../events/record.js'
import type { Database } from '../../platform/database.js'
import { beginEncrypting } from '../../platform/installation.js'
import type { Keyring } from '../../platform/keyring.js'
import {
  blindIndexType,
  decryptBytes,
  type EncryptionKey,
  encryptBytes,
  type PartyKey,
} from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { callerKinds } from '../../shared/context.js'
import { programs } from '../programs/program.table.js'
import { type PartyKind, parties } from './party.table.js'

const place = (row: string) => ({ table: 'parties', column: 'key', row })

/**
 * A party with a key of its own, which is all there is of it: who it is, its domains keep encrypted under that. Where one is
 * known, nothing is made by the same statements, and the key is good for nothing.
 */
export async function makeParty(
  tx: Transaction,
  keyring: Keyring,
  kind: PartyKind,
  createdAt: Date,
  known?: string,
): Promise<EncryptionKey> {
  await beginEncrypting(tx, keyring)
  // Not of the time, as other ids are: who is first named by a look that is secret would read from their own id when that was.
  const party = known ?? v4()
  const secret = randomBytes(32)
  const row = { id: party, kind, createdAt, ...wrapped(keyring, { party, secret }) }
  await tx.insert(parties).values(row).onConflictDoNothing()
  return { party, secret } as EncryptionKey
}

/**
 * Of parties whose rows are to be opened, in one statement. One that was forgotten, or never was, has none. One that cannot be
 * unwrapped says why when a row is opened with it, and keeps no other from being read.
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

/**
 * To encrypt under, until the end of the transaction: the party cannot be forgotten meanwhile, so nothing of it is written
 * behind the back of forgetParty.
 */
export async function keyToEncrypt(tx: Transaction, keyring: Keyring, id: string): Promise<EncryptionKey> {
  await beginEncrypting(tx, keyring)
  const [row] = await tx.select().from(parties).where(eq(parties.id, id)).for('share')
  if (!row) throw new Error(`a party is required to encrypt for; ${id} is none`)
  return unwrapped(keyring, row) as EncryptionKey
}

/** Like `keyToEncrypt` for many parties, in as many statements. Unknown and forgotten parties have no key. */
export async function keysToEncrypt(
  tx: Transaction,
  keyring: Keyring,
  ids: readonly string[],
): Promise<Map<string, EncryptionKey>> {
  // Sent together; the connection runs them in order.
  const [, rows] = await Promise.all([
    beginEncrypting(tx, keyring),
    tx
      .select()
      .from(parties)
      .where(and(inArray(parties.id, [...ids]), isNotNull(parties.key)))
      .orderBy(parties.id)
      .for('share'),
  ])
  return new Map(rows.map((row) => [row.id, unwrapped(keyring, row) as EncryptionKey]))
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

function wrapped(keyring: Keyring, { party, secret }: PartyKey) {
  const { id, secret: wrapping } = keyring.current('wrapping')
  return { key: encryptBytes(wrapping, secret, place(party)), wrappedBy: id }
}

export class PartyForgotten extends Error {
  constructor(readonly party: string) {
    super(`the party ${party} was forgotten: nothing of it opens any more`)
  }
}

/**
 * Drops the key, and what an exact search would still find: a hash of a short identifier, whose key stays, is a name
 * for who knows the identifier. So are the keys of its commands, which their callers chose. What was encrypted stays where it
 * is, and is noise; what stands outside the database is taken out by what follows from the event. Whether there was somebody
 * to forget.
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

/** Wraps all keys anew that an older key has wrapped, `atOnce` at a time; the data under them is not touched. May be stopped and begun again. */
export async function rewrapParties({ db }: Pick<Database, 'db'>, keyring: Keyring, atOnce = 500): Promise<number> {
  const older = keyring
    .all('wrapping')
    .slice(1)
    .map(({ id }) => id)
  let rewrapped = 0
  let some: number
  do {
    some = await db.transaction((tx) => rewrapSome(tx, keyring, { older, atOnce }))
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
