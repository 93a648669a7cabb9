import { sql } from 'drizzle-orm'
import type { Sql } from 'postgres'
import type { Database } from './database.js'
import { installation, type Mode } from './installation.table.js'
import { checkOf, type Key, type Keyring, type Purpose, purposes } from './keyring.js'
import type { Transaction } from './seeding.js'

/** Before anything is changed in a database that may be of the other mode. */
export async function refuseOtherMode(client: Sql, mode: Mode): Promise<void> {
  const [table] = await client`select to_regclass('public.installation') is not null as made`
  if (!table?.made) return
  const [row] = await client`select mode from installation`
  if (row && row.mode !== mode)
    throw new Error(
      `MODE must be ${row.mode.toLowerCase()}, as this database has been from its first migration; it is ${mode.toLowerCase()}`,
    )
}

/** At the first migration; from then on it stays. */
export async function writeMode(client: Sql, mode: Mode): Promise<void> {
  const since = new Date().toISOString()
  await client`insert into installation (mode, since) values (${mode}, ${since}) on conflict do nothing`
}

/** The keys that were current here, by purpose and id, each as what tells it from others; and those that nobody writes with. */
type Remembered = Partial<Record<Purpose, Record<string, string>>> & { closed?: Partial<Record<Purpose, string[]>> }

/** Throws a line where data may stand here that these keys do not open; remembers the current ones. */
export async function admitKeyring({ db }: Pick<Database, 'db'>, keyring: Keyring): Promise<void> {
  await db.transaction(async (tx) => {
    const remembered = await rememberedBy(tx)
    refuseClosed(remembered, keyring)
    for (const purpose of purposes)
      for (const [id, check] of Object.entries(remembered[purpose] ?? {}))
        if (checkOf(purpose, required(keyring, purpose, id)) !== check)
          throw new Error(
            `the key ${id} of ${purpose} must be that by which data stands here; the keyring holds another`,
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
  throw new Error(`the keyring must hold the key ${id} of ${purpose}, by which data stands here; it does not`)
}

/** Whatever is remembered: the ids by which the keys of parties stand. From one id to the next in the index, however many parties there are. */
const wrappingIn = async (tx: Transaction): Promise<string[]> =>
  (
    await tx.execute<{ id: string }>(sql`
      with recursive used(id) as (
        select min(wrapped_by) from parties
        union all
        select (select min(wrapped_by) from parties where wrapped_by > used.id) from used where id is not null
      ) select id from used where id is not null`)
  ).map(({ id }) => id)

/** Any number that nobody else takes: whoever encrypts takes it shared, whoever closes a key alone. */
const encryptingLock = 723_642_302

/**
 * At the beginning of whatever encrypts, and until its transaction ends: a key that is being closed waits for it, and one that
 * was closed encrypts nothing. So what was looked for in vain after that does not come to stand there later.
 */
export async function beginEncrypting(tx: Transaction, keyring: Keyring): Promise<void> {
  // Two statements, for the second must see what the first has waited for; sent together.
  const [, [row]] = await Promise.all([
    tx.execute(sql`select pg_advisory_xact_lock_shared(${encryptingLock})`),
    tx.select({ check: installation.keyringCheck }).from(installation),
  ])
  refuseClosed(JSON.parse(row?.check ?? '{}'), keyring)
}

function refuseClosed({ closed = {} }: Remembered, keyring: Keyring): void {
  for (const purpose of purposes) {
    const { id } = keyring.current(purpose)
    if (closed[purpose]?.includes(id))
      throw new Error(
        `the current key of ${purpose} must be one that was not forgotten; it is ${id}: give the server the new keyring and start it anew`,
      )
  }
}

/** From now on nobody writes with it, a server that was not started anew neither; what stands by it opens as before. */
export async function closeKey({ db }: Pick<Database, 'db'>, purpose: Purpose, id: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${encryptingLock})`)
    const remembered = await rememberedBy(tx)
    const ids = new Set([...(remembered.closed?.[purpose] ?? []), id])
    await remember(tx, { ...remembered, closed: { ...remembered.closed, [purpose]: [...ids] } })
  })
}

/** One by which nothing stands here any more: the keyring may do without it from now on. */
export async function forgetKey(tx: Transaction, purpose: Purpose, id: string): Promise<void> {
  const remembered = await rememberedBy(tx)
  delete remembered[purpose]?.[id]
  await remember(tx, remembered)
}

/** For one at a time. */
async function rememberedBy(tx: Transaction): Promise<Remembered> {
  const [row] = await tx.select({ check: installation.keyringCheck }).from(installation).for('update')
  if (!row) throw new Error('the database must say which installation it is; the row of that is gone')
  return JSON.parse(row.check ?? '{}')
}

const remember = (tx: Transaction, remembered: Remembered) =>
  tx
    .update(installation)
    .set({ keyringCheck: JSON.stringify(remembered) })
    .where(sql`true`)
