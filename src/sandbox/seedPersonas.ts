import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { Config } from '../config.js'
import type { Database } from '../platform/database.js'
import type { Keyring } from '../platform/keyring.js'
import { seeds } from '../platform/seeds.table.js'
import { programsOf, textOfPersonas } from './personas.js'
import { programSecret } from './programSecret.js'

const name = 'personas'
/** An arbitrary number for the lock, like that of the catalogue's seed. */
const seedLock = 7_236_423_003

/** Creates the personas in one transaction; if they exist, one select. Returns whether it created any. */
export async function seedPersonas(
  { db }: Pick<Database, 'db'>,
  keyring: Keyring,
  config: Pick<Config, 'dataDir'>,
): Promise<boolean> {
  const text = textOfPersonas()
  const secrets = new Map(programsOf().map((program) => [program.name, programSecret(config, program)]))
  const digest = createHash('sha256')
    .update(JSON.stringify([text, ...secrets.values()]))
    .digest('hex')
  const seen = async (connection: Pick<Database['db'], 'select'>) => {
    const [last] = await connection.select({ digest: seeds.digest }).from(seeds).where(eq(seeds.name, name))
    return last?.digest === digest
  }
  if (await seen(db)) return false

  // Imported lazily: a start with nothing to seed never needs it.
  const { addPersonas } = await import('./addPersonas.js')
  return await db.transaction(async (tx) => {
    // The timeouts are for requests; another start may take longer.
    await tx.execute(sql`set local statement_timeout = 0`)
    await tx.execute(sql`set local lock_timeout = 0`)
    await tx.execute(sql`select pg_advisory_xact_lock(${seedLock}::bigint)`)
    if (await seen(tx)) return false
    const at = new Date()
    await addPersonas({ tx, keyring, secrets, at }, text)
    const row = { name, digest, at }
    await tx.insert(seeds).values(row).onConflictDoUpdate({ target: seeds.name, set: row })
    return true
  })
}
