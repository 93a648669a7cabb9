import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { eq, sql } from 'drizzle-orm'
import type { ZodType } from 'zod'
import { agenciesFile, seedAgencies } from './agencies/seedAgencies.js'
import { seedCatalogue } from './catalogue/publishing/seedCatalogue.js'
import { lifeEventsFile, refusalGroundsFile, servicesFile, textsFile } from './catalogue/publishing/servicesFile.js'
import { seedSynonyms, synonymsFile } from './catalogue/search/seedSynonyms.js'
import { ServiceStatus } from './catalogue/services/service.table.js'
import { configFrom } from './config.js'
import { groundsFile, purposesFile, seedGrounds } from './exchange/consents/seedGrounds.js'
import { paymentRulesFile, seedPaymentRules } from './payments/rules/seedPaymentRules.js'
import { type Database, reasonOf } from './platform/database.js'
import { parseDataFile } from './platform/dataFile.js'
import { installation, Mode } from './platform/installation.table.js'
import { overtaken, undone, withRetries } from './platform/retries.js'
import { type Changes, noChanges } from './platform/seeding.js'
import { seeds } from './platform/seeds.table.js'
import { withDatabase } from './platform/withDatabase.js'
import { holidaysFile, seedCalendar } from './shared/seedCalendar.js'

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

const paths = {
  holidays: 'shared/holidays.data.json',
  agencies: 'agencies/agencies.data.json',
  lifeEvents: 'catalogue/services/lifeEvents.data.json',
  services: 'catalogue/services/services.data.json',
  texts: 'catalogue/services/serviceTexts.data.json',
  refusalGrounds: 'catalogue/services/refusalGrounds.data.json',
  synonyms: 'catalogue/search/synonyms.data.json',
  purposes: 'exchange/accessLog/purposes.data.json',
  grounds: 'exchange/consents/legalGrounds.data.json',
  paymentRules: 'payments/rules/paymentRules.data.json',
}
const formsFolder = 'catalogue/forms/'
const name = 'catalogue'
/** An arbitrary number: all processes that seed one database queue for this lock. */
const seedLock = 7_236_423_002

/** The text of each data file, by its path below src. */
export type DataFiles = Record<string, string>

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

  // Imported lazily: a start with nothing to seed never compiles forms.
  const { formsOf } = await import('./catalogue/forms/formFiles.js')
  const parsed = <Schema extends ZodType>(path: string, schema: Schema) =>
    parseDataFile(path, texts[path] ?? '', schema)
  const files = {
    holidays: parsed(paths.holidays, holidaysFile),
    agencies: parsed(paths.agencies, agenciesFile),
    lifeEvents: parsed(paths.lifeEvents, lifeEventsFile),
    services: parsed(paths.services, servicesFile),
    texts: parsed(paths.texts, textsFile),
    refusalGrounds: parsed(paths.refusalGrounds, refusalGroundsFile),
    synonyms: parsed(paths.synonyms, synonymsFile),
    purposes: parsed(paths.purposes, purposesFile),
    grounds: parsed(paths.grounds, groundsFile),
    paymentRules: parsed(paths.paymentRules, paymentRulesFile),
    forms: formsOf(texts),
  }
  const bring = () =>
    db.transaction(async (tx) => {
      // The timeouts are for requests; another seed may take longer.
      await tx.execute(sql`set local statement_timeout = 0`)
      await tx.execute(sql`set local lock_timeout = 0`)
      await tx.execute(sql`select pg_advisory_xact_lock(${seedLock}::bigint)`)
      if ((await lastSeed(tx)).digest === digest) return nothingDone()
      const calendar = await seedCalendar(tx, files.holidays)
      const { ids, ...bodies } = await seedAgencies(tx, files.agencies)
      const catalogue = await seedCatalogue(tx, files, ids, status)
      const words = await seedSynonyms(tx, files.synonyms)
      const grounds = await seedGrounds(tx, files, ids)
      const payments = await seedPaymentRules(tx, files.paymentRules)
      const row = { name, digest, at: new Date() }
      await tx.insert(seeds).values(row).onConflictDoUpdate({ target: seeds.name, set: row })
      return { ...calendar, ...bodies, ...catalogue, ...words, ...grounds, ...payments }
    })
  // A start must not fail because a concurrent command locks in another order.
  return await withRetries(bring, [...undone, overtaken])
}

/** In a stable order, for the digest. */
async function readDataFiles(): Promise<DataFiles> {
  const folder = new URL('../src/', import.meta.url)
  const forms = (await readdir(new URL(formsFolder, folder))).filter((file) => file.endsWith('.json')).sort()
  const all = [...Object.values(paths), ...forms.map((file) => `${formsFolder}${file}`)]
  const read = all.map(async (path) => [path, await readFile(new URL(path, folder), 'utf8')])
  return Object.fromEntries(await Promise.all(read))
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
