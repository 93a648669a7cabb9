import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { configFrom } from '../../src/config.js'
import { migrateDatabase, openDatabase } from '../../src/platform/database.js'
import { openPgPool } from '../../src/platform/pgPool.js'
import { optionsOf } from '../../src/platform/withDatabase.js'
import { cloneDatabase, emptyDatabase } from '../support/database.js'
import { long } from '../support/long.js'

const empty = await emptyDatabase()
const clone = await cloneDatabase()

/** What drizzle-kit would add to a copy of the migrations. */
function migrationsMissing() {
  const folder = mkdtempSync(join(tmpdir(), 'pencere-drizzle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync('drizzle', folder, { recursive: true })
  // It takes an absolute path for a relative one, fails, and says 0.
  const said = execFileSync(
    'node_modules/.bin/drizzle-kit',
    ['generate', '--dialect=postgresql', '--schema=./src/**/*.table.ts', `--out=${relative('.', folder)}`],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  )
  expect(said).toMatch(/No schema changes|Your SQL migration file/)
  const known = readdirSync('drizzle')
  return readdirSync(folder)
    .filter((file) => !known.includes(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
}

describe('The migrations', () => {
  it('say what the tables say', { timeout: 30_000 }, () => {
    expect(migrationsMissing(), 'npm run generate writes what is missing').toEqual([])
  })

  it('are applied once when several processes start together', async () => {
    await Promise.all(Array.from({ length: long ? 8 : 3 }, () => migrateDatabase(empty.url)))
    const applied = await empty.client`select hash from drizzle.__drizzle_migrations order by id`
    expect(applied).toEqual(await clone.client`select hash from drizzle.__drizzle_migrations order by id`)
  })
})

describe('migrateDatabase', () => {
  it('refuses a database with another history of migrations', async () => {
    const [first] = await clone.client`select hash from drizzle.__drizzle_migrations`
    const rename = (hash: string) => clone.client`update drizzle.__drizzle_migrations set hash = ${hash}`
    await rename('of an earlier history')
    await expect(migrateDatabase(clone.url)).rejects.toThrow(
      /its tables were made before the first release and cannot be migrated; start with a new database, or delete DATA_DIR/,
    )
    await rename(first?.hash)
    await migrateDatabase(clone.url)
  })
})

describe('The tables of jobs', () => {
  it('are migrated again after another version of graphile-worker', async () => {
    const { client } = clone
    await client`comment on schema graphile_worker is '0.1.0'`
    await client`alter table graphile_worker._private_tasks enable row level security`
    await migrateDatabase(clone.url)
    const [tasks] = await client`
      select relrowsecurity as closed, obj_description(relnamespace, 'pg_namespace') as version
      from pg_class where oid = 'graphile_worker._private_tasks'::regclass`
    const { version } = JSON.parse(readFileSync('node_modules/graphile-worker/package.json', 'utf8'))
    expect(tasks).toEqual({ closed: false, version })
  })
})

describe('LOCK_TIMEOUT_MS', () => {
  it('limits how long a migration waits for a table', async () => {
    await clone.client.begin(async (tx) => {
      await tx`lock table retention`
      await expect(migrateDatabase(clone.url, { lockTimeout: 100 })).rejects.toThrow(
        /cannot be used: a migration waited 100 ms for a table that another transaction locks; end that transaction/,
      )
    })
  })

  it('limits how long a statement waits for a lock', async () => {
    const impatient = await openDatabase(clone.url, optionsOf(configFrom({ LOCK_TIMEOUT_MS: '100' })))
    onTestFinished(() => impatient.close())
    await clone.client.begin(async (tx) => {
      await tx`lock table services`
      await expect(impatient.client`select from services`).rejects.toMatchObject({ code: '55P03' })
    })
    expect(await impatient.client`select from services limit 1`).toHaveLength(1)
  })
})

describe('openDatabase', () => {
  it('prepares a query of Drizzle from its third run on, unless it is long', async () => {
    const counts = await clone.db.transaction(async (tx) => {
      const counted: unknown[] = []
      for (const name of ['prepared_short', `prepared_long /* ${'-'.repeat(16_000)} */`])
        for (let run = 0; run < 3; run++) {
          await tx.execute(sql`select ${1}::int as ${sql.raw(name)}`)
          const [found] = await tx.execute(sql`
            select count(*)::int as count from pg_prepared_statements where statement ~ 'as prepared_(short|long)'`)
          counted.push(found?.count)
        }
      return counted
    })
    expect(counts).toEqual([0, 0, 1, 1, 1, 1])
  })

  it('ends a session that keeps a transaction open and asks nothing', async () => {
    const { client, close } = await openDatabase(clone.url, { connections: 1, statementTimeout: 100 })
    onTestFinished(close)
    const idle = client.begin(async (tx) => {
      await tx`select 1`
      await sleep(400)
      await tx`select 2`
    })
    await expect(idle).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(await client`select 1 as one`).toEqual([{ one: 1 }])
  })
})

describe('openPgPool', () => {
  it('has the timeouts of the other connections and the options of the address', async () => {
    const url = `${clone.url}?options=-c%20work_mem%3D5MB`
    const pool = openPgPool(url, { statementTimeout: 1234, lockTimeout: 567, connections: 1, lost: () => {} })
    const names = [
      'statement_timeout',
      'idle_in_transaction_session_timeout',
      'lock_timeout',
      'work_mem',
      'application_name',
    ]
    const { rows } = await pool.query('select current_setting(name) as value from unnest($1::text[]) name', [names])
    await pool.end()
    expect(rows.map(({ value }) => value)).toEqual(['1234ms', '1234ms', '567ms', '5MB', 'pencere'])
  })
})

describe('cloneDatabase', () => {
  it('records the statements of its own connections alone', async () => {
    clone.statements.length = 0
    await Promise.all([1, 2, 3].map((number) => clone.client`select ${number}::int`))
    await clone.db.transaction((tx) => tx.execute('select 4'))
    expect(clone.statements.map((statement) => statement.trim())).toEqual([
      ...Array(3).fill('select $1::int'),
      'begin',
      'select 4',
      'commit',
    ])
  })
})
