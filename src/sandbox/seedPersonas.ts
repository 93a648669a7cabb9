import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { Config } from '../config.js'
import type { Database } from '../platform/database.js'
import type { Keyring } from '../platform/keyring.js'
import { seeds } from '../platform/seeds.table.js'
import { programsOf, textOfPersonas } from './personas.js'
import { programSecret } from './programSecret.js'

const name = 'personas'
/** As that of the catalogue's seed is: a number that nobody else takes. */
const seedLock = 7_236_423_003

/** Makes the personas be somebody, in one transaction; where they are, one select. Whether there was anything to do. */
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

  // Brought in now: a start that has nothing to seed has no need of it.
  const { addPersonas } = await import('./addPersonas.js')
  return await db.transaction(async (tx) => {
    // The limits are for requests; another start may be waited for.
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
