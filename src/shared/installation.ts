import { sql } from 'drizzle-orm'
import type { Sql } from 'postgres'
import type { Database } from './database.js'
import { installation, type Mode } from './installation.table.js'
import { checkOf, type Keyring, type Purpose, purposes } from './keyring.js'
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

/** The keys that were current here, by purpose and id, each as what tells it from others. */
type Remembered = Partial<Record<Purpose, Record<string, string>>>

/** Throws a line where data may stand here that these keys do not open; remembers the current ones. */
export async function admitKeyring({ db }: Pick<Database, 'db'>, keyring: Keyring): Promise<void> {
  await db.transaction(async (tx) => {
    const remembered = await rememberedBy(tx)
    for (const purpose of purposes)
      for (const [id, check] of Object.entries(remembered[purpose] ?? {})) {
        const key = keyring.find(purpose, id)
        if (!key)
          throw new Error(`the keyring must hold the key ${id} of ${purpose}, by which data stands here; it does not`)
        if (checkOf(purpose, key) !== check)
          throw new Error(
            `the key ${id} of ${purpose} must be that by which data stands here; the keyring holds another`,
          )
      }
    const current = purposes.filter((purpose) => !remembered[purpose]?.[keyring.current(purpose).id])
    for (const purpose of current) {
      const key = keyring.current(purpose)
      remembered[purpose] = { ...remembered[purpose], [key.id]: checkOf(purpose, key) }
    }
    if (current.length > 0) await remember(tx, remembered)
  })
}

/** Of keys by which nothing stands here any more: the keyring may do without them from now on. */
export async function forgetKeys(tx: Transaction, keys: { purpose: Purpose; id: string }[]): Promise<void> {
  const remembered = await rememberedBy(tx)
  for (const { purpose, id } of keys) delete remembered[purpose]?.[id]
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
