import { sql } from 'drizzle-orm'
import type { Sql } from 'postgres'
import type { Database } from './database.js'
import { installation, type Mode } from './installation.table.js'
import { checkOf, type Key, type Keyring, type Purpose, purposes } from './keyring.js'
import type { Transaction } from './seeding.js'

/** Call before changing anything in the database. */
export async function refuseOtherMode(client: Sql, mode: Mode): Promise<void> {
  const [table] = await client`select to_regclass('public.installation') is not null as made`
  if (!table?.made) return
  const [row] = await client`select mode from installation`
  if (row && row.mode !== mode)
    throw new Error(
      `MODE must be ${row.mode.toLowerCase()}, as this database has been from its first migration; it is ${mode.toLowerCase()}`,
    )
}

/** The first migration stores the mode for good. */
export async function writeMode(client: Sql, mode: Mode): Promise<void> {
  const since = new Date().toISOString()
  await client`insert into installation (mode, since) values (${mode}, ${since}) on conflict do nothing`
}

/** Fingerprints of the keys that were current here, by purpose and id; and closed keys, which nobody writes with. */
type Remembered = Partial<Record<Purpose, Record<string, string>>> & { closed?: Partial<Record<Purpose, string[]>> }

/** Throws one line if the keyring lacks a key that this database needs. Records the current keys. */
export async function admitKeyring({ db }: Pick<Database, 'db'>, keyring: Keyring): Promise<void> {
  await db.transaction(async (tx) => {
    const remembered = await rememberedBy(tx)
    refuseClosed(remembered, keyring)
    for (const purpose of purposes)
      for (const [id, check] of Object.entries(remembered[purpose] ?? {}))
        if (checkOf(purpose, required(keyring, purpose, id)) !== check)
          throw new Error(
            `the key ${id} of ${purpose} must be the key that this database uses; the keyring has another`,
          )
    for (const id of await wrappingIn(tx)) required(keyring, 'wrapping', id)
    const current = purposes.filter((purpose) => !remembered[purpose]?.[keyring.current(purpose).id])
    for (const purpose of current) {
      const key = keyring.current(purpose)
      remembered[purpose] = { ...remembered[purpose], [key.id]: checkOf(purpose, key) }
    }
    if (current.length > 0) await remember(tx, remembered)
  })
}

function required(keyring: Keyring, purpose: Purpose, id: string): Key {
  const key = keyring.find(purpose, id)
  if (key) return key
  throw new Error(`the keyring must contain the key ${id} of ${purpose}, which this database uses; it does not`)
}

/**
 * The ids of keys that wrap parties' keys. Skips from id to id in the index, so the number of parties does not matter.
 */
const wrappingIn = async (tx: Transaction): Promise<string[]> =>
  (
    await tx.execute<{ id: string }>(sql`
      with recursive used(id) as (
        select min(wrapped_by) from parties
        union all
        select (select min(wrapped_by) from parties where wrapped_by > used.id) from used where id is not null
      ) select id from used where id is not null`)
  ).map(({ id }) => id)

/** An arbitrary number. Writers take this lock shared, in `begin_encrypting`; closing a key takes it alone. */
const encryptingLock = 723_642_302

/**
 * Select it in the statement that brings the key to encrypt with, and pass it to `refuseClosedKeys`. The lock lasts until the
 * transaction ends. Closing a key waits for it, and a closed key encrypts nothing. So a search for uses of the key, made after
 * closing, stays valid.
 */
export const beginEncrypting = sql<string | null>`(select begin_encrypting())`

/** `remembered` is what `beginEncrypting` returned. */
export const refuseClosedKeys = (remembered: string | null, keyring: Keyring): void =>
  refuseClosed(JSON.parse(remembered ?? '{}'), keyring)

function refuseClosed({ closed = {} }: Remembered, keyring: Keyring): void {
  for (const purpose of purposes) {
    const { id } = keyring.current(purpose)
    if (closed[purpose]?.includes(id))
      throw new Error(
        `the current key of ${purpose} must be one that was not forgotten; it is ${id}: give the server the new keyring and restart it`,
      )
  }
}

/**
 * From now on nobody writes with this key, including servers that have not restarted. Existing data can still be
 * decrypted.
 */
export async function closeKey({ db }: Pick<Database, 'db'>, purpose: Purpose, id: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${encryptingLock})`)
    const remembered = await rememberedBy(tx)
    const ids = new Set([...(remembered.closed?.[purpose] ?? []), id])
    await remember(tx, { ...remembered, closed: { ...remembered.closed, [purpose]: [...ids] } })
  })
}

/** For a key that nothing uses: the keyring may now omit it. */
export async function forgetKey(tx: Transaction, purpose: Purpose, id: string): Promise<void> {
  const remembered = await rememberedBy(tx)
  delete remembered[purpose]?.[id]
  await remember(tx, remembered)
}

/** Locks the row. */
async function rememberedBy(tx: Transaction): Promise<Remembered> {
  const [row] = await tx.select({ check: installation.keyringCheck }).from(installation).for('update')
  if (!row) throw new Error('the table installation must have a row; it has none')
  return JSON.parse(row.check ?? '{}')
}

const remember = (tx: Transaction, remembered: Remembered) =>
  tx
    .update(installation)
    .set({ keyringCheck: JSON.stringify(remembered) })
    .where(sql`true`)
