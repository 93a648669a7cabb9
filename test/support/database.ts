import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { TransactionRollbackError } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import { afterAll, aroundEach, expect, inject } from 'vitest'
import { connect, type Database, openDatabase } from '../../src/platform/database.js'
import { databasesOfTests, makeTemplate, templateDatabase, withDatabaseName } from './templateDatabase.js'

export interface TestDatabase extends Database {
  url: string
  /** All that was sent to PostgreSQL, since this was first read. */
  readonly statements: string[]
}

/** With the tables and what the catalogue is seeded with; this test file's own. Call it at the top of the file. */
export async function cloneDatabase(): Promise<TestDatabase> {
  templateMade ??= makeTemplate(inject('databaseServer'))
  await templateMade
  const name = await (clonedAhead ?? makeFrom(templateDatabase))
  clonedAhead = makeFrom(templateDatabase)
  clonedAhead.catch(() => {}) // who takes it learns why
  return await openFor(name)
}
/** By this worker, once. */
let templateMade: Promise<void> | undefined
/** The clone of the next file, made while this one runs. */
let clonedAhead: Promise<string> | undefined

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
export const emptyDatabase = async () => await openFor(await makeFrom('template0'))

// The driver asks for the types of arrays on each new connection.
const isOurs = (statement: string) => !statement.includes('from pg_catalog.pg_type a')

async function makeFrom(template: string): Promise<string> {
  const name = `${databasesOfTests}${randomBytes(6).toString('hex')}`
  await maintenance().unsafe(`create database ${name} template ${template} strategy file_copy`)
  return name
}

async function openFor(name: string): Promise<TestDatabase> {
  const url = withDatabaseName(inject('databaseServer'), name)
  const database = await openDatabase(url, { connections: 4, statementTimeout: 10_000 })
  afterAll(async () => {
    await database.close()
    // The next file need not wait. If this fails, so does the run.
    void maintenance().unsafe(`drop database ${name} with (force)`).execute()
  })
  const { client } = database
  let statements: string[] | undefined
  return {
    ...database,
    /** Recorded only for who reads them, because the driver keeps a stack trace with each statement of a transaction then. */
    get statements() {
      if (!statements) {
        const recorded: string[] = []
        const debug = (_connection: number, statement: string) => isOurs(statement) && recorded.push(statement)
        Object.assign(client.options, { debug })
        statements = recorded
      }
      return statements
    },
  }
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
