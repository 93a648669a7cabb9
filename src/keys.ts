import { existsSync, realpathSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { eq, or, sql } from 'drizzle-orm'
import { type Config, configFrom } from './config.js'
import { commandKeys } from './events/commandKey.table.js'
import { accessCheckpoints } from './exchange/accessLog/accessCheckpoint.table.js'
import { indexesIn, rewrapParties } from './identity/parties/party.js'
import { parties } from './identity/parties/party.table.js'
import { type Database, reasonOf } from './platform/database.js'
import { closeKey, forgetKey } from './platform/installation.js'
import {
  freshKey,
  freshKeyring,
  type Keyring,
  type Purpose,
  parseKeyring,
  purposes,
  textOf,
} from './platform/keyring.js'
import { keyringOf, rotateIn } from './platform/keyringFile.js'
import type { Transaction } from './platform/seeding.js'
import { withDatabase } from './platform/withDatabase.js'

const usage = `keys must be called with "generate", "rotate <purpose>", "rewrap" or "forget <purpose> <id>"; a purpose is ${purposes.join(', ')}`

/** Makes a new current key, in a sandbox's own file or printed for the operator. */
export function rotate({ keyring, dataDir }: Pick<Config, 'keyring' | 'dataDir'>, purpose: Purpose): string[] {
  const then = [`Start every server anew${purpose === 'wrapping' ? ', then: npm run keys -- rewrap' : '.'}`]
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

/**
 * Wraps the keys of all parties with the current key, and reports for each older key whether anything still uses it.
 */
export async function rewrap(database: Database, keyring: Keyring): Promise<string[]> {
  const lines = [await rewrapAll(database, keyring)]
  for (const purpose of purposes)
    for (const { id } of keyring.all(purpose).slice(1))
      lines.push(
        (await isUsed(database, purpose, id))
          ? `${purpose} ${id}: still used, must be kept`
          : `${purpose} ${id}: used no more. Once every server was started anew: npm run keys -- forget ${purpose} ${id}`,
      )
  return lines
}

/**
 * The caller asserts that no server writes with this key. A server that still does can write nothing more, and nothing
 * is lost.
 */
export async function forget(database: Database, keyring: Keyring, purpose: Purpose, id: string): Promise<string[]> {
  if (
    !keyring
      .all(purpose)
      .slice(1)
      .some((key) => key.id === id)
  )
    throw new Error(`the key to forget must be an older key of ${purpose} in the keyring; ${id} is not`)
  await closeKey(database, purpose, id)
  // Keys wrapped since the last run.
  const lines = purpose === 'wrapping' ? [await rewrapAll(database, keyring)] : []
  if (await isUsed(database, purpose, id)) return [...lines, `${purpose} ${id}: still used, must be kept`]
  await database.db.transaction((tx) => forgetKey(tx, purpose, id))
  return [...lines, `${purpose} ${id}: may be taken out of the keyring, once no backup is kept that needs it`]
}

const rewrapAll = async (database: Database, keyring: Keyring) =>
  `Keys of parties wrapped anew by ${keyring.current('wrapping').id}: ${await rewrapParties(database, keyring)}`

const isUsed = ({ db }: Database, purpose: Purpose, id: string): Promise<boolean> =>
  db.transaction(async (tx) => {
    // The timeout is for requests; proving that nothing uses a key may read whole tables.
    await tx.execute(sql`set local statement_timeout = 0`)
    return await standsBy[purpose](tx, id)
  })

/** Whether anything in the database uses that key. */
const standsBy: Record<Purpose, (tx: Transaction, id: string) => Promise<boolean>> = {
  wrapping: async (tx, id) => (await tx.select().from(parties).where(eq(parties.wrappedBy, id)).limit(1)).length > 0,
  commands: async (tx, id) =>
    (await tx.select().from(commandKeys).where(eq(commandKeys.digestKey, id)).limit(1)).length > 0,
  accessLog: async (tx, id) =>
    (await tx.select().from(accessCheckpoints).where(eq(accessCheckpoints.keyId, id)).limit(1)).length > 0,
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
  const [command, purpose, id] = given
  const named = purposes.find((known) => known === purpose)
  const isCall = (name: string, length: number) => command === name && given.length === length
  if (isCall('generate', 1)) return [textOf(freshKeyring())]
  if (isCall('rotate', 2) && named) return rotate(configFrom(), named)
  const act = isCall('rewrap', 1)
    ? rewrap
    : isCall('forget', 3) && named
      ? (database: Database, keyring: Keyring) => forget(database, keyring, named, id as string)
      : undefined
  if (!act) throw new Error(`${usage}; got "${given.join(' ')}"`)
  const config = configFrom()
  return await withDatabase(config, (database) => act(database, keyringOf(config)))
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
