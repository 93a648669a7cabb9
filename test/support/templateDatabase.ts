import { connect, migrateDatabase, openDatabase } from '../../src/platform/database.js'

/** How the names of the databases of test files begin. */
export const databasesOfTests = 'pencere_test_'
export const templateDatabase = 'pencere_template'
const unfinished = 'pencere_template_unfinished'
/** Any number that nobody else takes. */
const makingLock = 723_642_399

export function withDatabaseName(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

/**
 * Makes the database that test files clone, unless another worker has made it. Not the global setup, which would load
 * the modules that the workers load as well.
 */
export async function makeTemplate(server: string): Promise<void> {
  const maintenance = connect(server, { max: 1 })
  try {
    await maintenance`select pg_advisory_lock(${makingLock})` // which goes with its connection
    const made = await maintenance`select from pg_database where datname = ${templateDatabase}`
    if (made.length) return
    await maintenance`drop database if exists ${maintenance(unfinished)}`
    await maintenance`create database ${maintenance(unfinished)}`
    await seedDatabase(withDatabaseName(server, unfinished))
    await maintenance`alter database ${maintenance(unfinished)} rename to ${maintenance(templateDatabase)}`
  } finally {
    await maintenance.end()
  }
}

async function seedDatabase(url: string): Promise<void> {
  const { seed } = await import('../../src/seed.js') // which most workers need not
  await migrateDatabase(url)
  const database = await openDatabase(url, { connections: 1, statementTimeout: 10_000 })
  try {
    await seed(database)
  } finally {
    await database.close()
  }
}
