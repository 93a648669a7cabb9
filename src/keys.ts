import { existsSync, realpathSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { eq, or, sql } from 'drizzle-orm'
import { type Config, configFrom } from './config.js'
import { commandKeys } from './events/commandKey.table.js'
import { indexesIn, rewrapParties } from './identity/party.js'
import { parties } from './identity/party.table.js'
import { type Database, reasonOf } from './shared/database.js'
import { forgetKeys } from './shared/installation.js'
import { freshKey, freshKeyring, type Keyring, type Purpose, parseKeyring, purposes, textOf } from './shared/keyring.js'
import { keyringOf, rotateIn } from './shared/keyringFile.js'
import type { Transaction } from './shared/seeding.js'
import { withDatabase } from './shared/withDatabase.js'

const usage = `keys must be called with "generate", "rotate <${purposes.join('|')}>" or "rewrap"`

/** A new current key; in a sandbox's own file, or printed for whoever keeps the keyring. */
export function rotate({ keyring, dataDir }: Config, purpose: Purpose): string[] {
  const then = purpose === 'wrapping' ? ['Then: npm run keys -- rewrap'] : []
  if (keyring === undefined)
    return [
      `${rotateIn(dataDir, purpose)} is the current key of ${purpose} from the next start of the server on.`,
      ...then,
    ]
  const key = freshKey(parseKeyring(keyring, 'KEYRING')[purpose])
  return [
    JSON.stringify(key),
    `This in front of ${purpose} in KEYRING, the others behind it, makes it the current key from the next start on.`,
    ...then,
  ]
}

/** Wraps the keys of all parties by the current key, and tells of the older keys of each purpose whether they may go. */
export async function rewrap(database: Database, keyring: Keyring): Promise<string[]> {
  const rewrapped = await rewrapParties(database, keyring)
  const lines = [`Keys of parties wrapped anew by ${keyring.current('wrapping').id}: ${rewrapped}`]
  await database.db.transaction(async (tx) => {
    // The limit is for requests; where nothing stands by a key, whole tables are read to know it.
    await tx.execute(sql`set local statement_timeout = 0`)
    const unused: { purpose: Purpose; id: string }[] = []
    for (const purpose of purposes)
      for (const { id } of keyring.all(purpose).slice(1)) {
        const used = await standsBy[purpose](tx, id)
        lines.push(
          `${purpose} ${id}: ${used ? 'still used, must stay' : 'used no more, may be taken out of the keyring'}`,
        )
        if (!used) unused.push({ purpose, id })
      }
    await forgetKeys(tx, unused)
  })
  return lines
}

/** Whether anything stands in the database by that key. */
const standsBy: Record<Purpose, (tx: Transaction, id: string) => Promise<boolean>> = {
  wrapping: async (tx, id) => (await tx.select().from(parties).where(eq(parties.wrappedBy, id)).limit(1)).length > 0,
  commands: async (tx, id) =>
    (await tx.select().from(commandKeys).where(eq(commandKeys.digestKey, id)).limit(1)).length > 0,
  async blindIndex(tx, id) {
    for (const { table, columns } of await indexesIn(tx)) {
      const begins = columns.map((column) => sql`starts_with(${sql.identifier(column)}, ${`${id}.`})`)
      const [row] = await tx.execute(sql`select from ${sql.raw(table)} where ${or(...begins)} limit 1`)
      if (row) return true
    }
    return false
  },
}

async function linesOf(given: string[]): Promise<string[]> {
  const [command, purpose, ...more] = given
  if (more.length === 0 && command === 'generate' && !purpose) return [textOf(freshKeyring())]
  const named = purposes.find((known) => known === purpose)
  if (more.length === 0 && command === 'rotate' && named) return rotate(configFrom(), named)
  if (command !== 'rewrap' || purpose) throw new Error(`${usage}; "${given.join(' ')}" came`)
  const config = configFrom()
  return await withDatabase(config, (database) => rewrap(database, keyringOf(config)))
}

async function main(): Promise<void> {
  try {
    const { positionals } = parseArgs({ allowPositionals: true })
    for (const line of await linesOf(positionals)) console.log(line)
  } catch (error) {
    console.error(reasonOf(error))
    process.exitCode = 1
  }
}

const [, script] = process.argv
if (script && existsSync(script) && realpathSync(script) === import.meta.filename) await main()
