import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { TransactionRollbackError } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import { afterAll, aroundEach, expect, inject } from 'vitest'
import { connect, type Database, openDatabase } from '../../src/platform/database.js'
import { makeTemplate, templateDatabase, withDatabaseName } from './templateDatabase.js'

export interface TestDatabase extends Database {
  url: string
  /** All that was sent to PostgreSQL. */
  statements: string[]
}

/** With the tables and what the catalogue is seeded with; this test file's own. Call it at the top of the file. */
export async function cloneDatabase(): Promise<TestDatabase> {
  templateMade ??= makeTemplate(inject('databaseServer'))
  await templateMade
  return await makeDatabase(templateDatabase)
}
/** By this worker, once. */
let templateMade: Promise<void> | undefined

/** Connects, and answers nothing: as if PostgreSQL hung. */
export async function silentDatabase(): Promise<Pick<Database, 'client' | 'db'>> {
  const server = createServer(() => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect(`postgres://nobody@127.0.0.1:${(server.address() as AddressInfo).port}/nothing`, { max: 1 })
  afterAll(async () => {
    await client.end({ timeout: 0 })
    server.close()
  })
  return { client, db: drizzle(client) }
}

/** Without a table. */
export const emptyDatabase = () => makeDatabase('template0')

// The driver asks for the types of arrays on each new connection.
const isOurs = (statement: string) => !statement.includes('from pg_catalog.pg_type a')

async function makeDatabase(template: string): Promise<TestDatabase> {
  const server = inject('databaseServer')
  const name = `pencere_${randomBytes(6).toString('hex')}`
  await maintenance().unsafe(`create database ${name} template ${template} strategy file_copy`)
  const url = withDatabaseName(server, name)
  const statements: string[] = []
  const database = await openDatabase(url, {
    connections: 4,
    statementTimeout: 10_000,
    debug: (_connection, statement) => isOurs(statement) && statements.push(statement),
  })
  statements.length = 0
  afterAll(async () => {
    await database.close()
    await maintenance().unsafe(`drop database ${name} with (force)`)
  })
  return { ...database, url, statements }
}

let shared: Sql | undefined
/** The connection by which the files of this worker make and drop databases. It ends with the worker. */
function maintenance(): Sql {
  shared ??= connect(inject('databaseServer'), { max: 1 })
  return shared
}

/** Runs each test of the file in a transaction, which is undone afterwards: `db` of the database that is returned. */
export function undoEach(database: TestDatabase): TestDatabase {
  const undone = { ...database }
  aroundEach(async (runTest) => {
    const run = database.db.transaction(async (tx) => {
      undone.db = tx
      await runTest()
      tx.rollback()
    })
    await run.catch((error) => {
      if (!(error instanceof TransactionRollbackError)) throw error
    })
  })
  return undone
}

/** Resolves once that many connections of the database wait for a lock. */
export const untilBlocked = ({ client }: Pick<Database, 'client'>, connections = 1): Promise<void> =>
  expect
    .poll(
      async () => {
        const blocked = await client`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        return blocked.length
      },
      { interval: 5, timeout: 10_000 },
    )
    .toBe(connections)

type Tx = Parameters<Parameters<Database['db']['transaction']>[0]>[0]
/** As it could be done before what is published was kept. */
export const unkept = <T>({ db }: Pick<Database, 'db'>, act: (tx: Tx) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await tx.execute('set local session_replication_role = replica')
    const done = await act(tx)
    await tx.execute('set local session_replication_role = origin')
    return done
  })

/** The catalogue as before its first seed. */
export const emptyCatalogue = (database: Pick<Database, 'db'>) =>
  unkept(database, (tx) =>
    tx.execute(
      'truncate agencies, life_events, purposes, search_synonyms, calendar_days, calendar_years, seeds cascade',
    ),
  )
