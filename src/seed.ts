import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { eq, sql } from 'drizzle-orm'
import { ServiceStatus } from './catalogue/services/service.table.js'
import { configFrom } from './config.js'
import { type DataFiles, readDataFiles } from './dataFiles.js'
import { type Database, reasonOf } from './platform/database.js'
import { installation, Mode } from './platform/installation.table.js'
import { overtaken, undone, withRetries } from './platform/retries.js'
import { type Changes, noChanges } from './platform/seeding.js'
import { seeds } from './platform/seeds.table.js'
import { withDatabase } from './platform/withDatabase.js'

const kinds = [
  'calendarYears',
  'calendarDays',
  'agencies',
  'registries',
  'lifeEvents',
  'services',
  'versions',
  'synonyms',
  'purposes',
  'legalGrounds',
  'paymentRules',
  'refundGrounds',
] as const
export type SeedReport = Record<(typeof kinds)[number], Changes>

const name = 'catalogue'
/** An arbitrary number: all processes that seed one database queue for this lock. */
const seedLock = 7_236_423_002

/**
 * Merges the data files into the database in one transaction, which repeats if a command interferes. Unchanged files
 * cost one select. A sandbox gets the shipped services as active. A production gets none, or drafts if told so.
 */
export async function seed(
  { db }: Pick<Database, 'db'>,
  changedFiles?: DataFiles,
  { drafts = false } = {},
): Promise<SeedReport> {
  const texts = changedFiles ?? (await readDataFiles())
  const lastSeed = async (connection: Pick<Database['db'], 'select'>) => {
    const columns = { mode: installation.mode, digest: seeds.digest }
    const [row] = await connection.select(columns).from(installation).leftJoin(seeds, eq(seeds.name, name))
    if (!row) throw new Error('the database must be migrated before it is seeded; it is not')
    return row
  }
  const { mode, ...last } = await lastSeed(db)
  if (drafts && mode !== Mode.PRODUCTION)
    throw new Error('--drafts requires a production; a sandbox has active services')
  const status = drafts ? ServiceStatus.DRAFT : mode === Mode.PRODUCTION ? null : ServiceStatus.ACTIVE
  const digest = createHash('sha256')
    .update(JSON.stringify([texts, status]))
    .digest('hex')
  if (last.digest === digest) return nothingDone()

  // Imported lazily: a start with nothing to seed needs none of it.
  const { mergeFiles, parsedFiles } = await import('./mergeFiles.js')
  const files = parsedFiles(texts)
  const bring = () =>
    db.transaction(async (tx) => {
      // The timeouts are for requests; another seed may take longer.
      await tx.execute(sql`set local statement_timeout = 0`)
      await tx.execute(sql`set local lock_timeout = 0`)
      await tx.execute(sql`select pg_advisory_xact_lock(${seedLock}::bigint)`)
      if ((await lastSeed(tx)).digest === digest) return nothingDone()
      const report = await mergeFiles(tx, files, status)
      const row = { name, digest, at: new Date() }
      await tx.insert(seeds).values(row).onConflictDoUpdate({ target: seeds.name, set: row })
      return report
    })
  // A start must not fail because a concurrent command locks in another order.
  return await withRetries(bring, [...undone, overtaken])
}

const nothingDone = () => Object.fromEntries(kinds.map((kind) => [kind, noChanges()])) as SeedReport

/** One line for each kind of change; none without changes. */
export const linesOf = (report: SeedReport): string[] =>
  Object.entries(report).flatMap(([things, { added, renewed, kept, gone, removed = [] }]) => [
    ...(added.length > 0 ? [`${things}: ${added.length} added`] : []),
    ...(renewed.length > 0 ? [`${things}: ${renewed.length} renewed: ${renewed.join(', ')}`] : []),
    ...(kept.length > 0 ? [`${things}: kept as an operator left them: ${kept.join(', ')}`] : []),
    ...(removed.length > 0 ? [`${things}: in the data files no more, taken out: ${removed.join(', ')}`] : []),
    ...(gone.length > 0 ? [`${things}: in the data files no more, left as they are: ${gone.join(', ')}`] : []),
  ])

async function main(): Promise<void> {
  try {
    const options = process.argv.slice(2)
    if (options.some((option) => option !== '--drafts'))
      throw new Error(`the seed takes --drafts or nothing; got ${options.join(' ')}`)
    const drafts = options.length > 0
    const lines = linesOf(await withDatabase(configFrom(), (database) => seed(database, undefined, { drafts })))
    console.log(lines.length > 0 ? lines.join('\n') : 'The database holds what the data files say.')
  } catch (error) {
    console.error(reasonOf(error))
    process.exitCode = 1
  }
}

const [, script] = process.argv
if (script && existsSync(script) && realpathSync(script) === import.meta.filename) await main()
