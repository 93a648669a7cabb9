import { fileURLToPath } from 'node:url'
import { DrizzleQueryError } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres, { type Options, type Sql } from 'postgres'
import { refuseOtherMode, writeMode } from './installation.js'
import { Mode } from './installation.table.js'
import { retentionRows, seedRetention } from './retention.js'
import { grantToServer, refuseRightsOfOwner } from './roles.js'
import { applyGuards, loadTables } from './tables.js'
import { usualTimings } from './timings.js'

export interface Database {
  /** With the password in it. */
  url: string
  /** Of each of its connections, and of those that another driver makes for the same work. */
  timeouts: Timeouts
  client: Sql
  db: PostgresJsDatabase
  close(): Promise<void>
}

export interface Timeouts {
  /** Milliseconds. */
  statementTimeout: number
  /** Milliseconds that a statement waits for a lock; as long as it may take, where nothing is said. */
  lockTimeout?: number
}
export interface DatabaseOptions extends Timeouts {
  connections: number
  /** Milliseconds after which a connection is replaced. */
  connectionLifetime?: number
  /** Sees each statement as it is sent. */
  debug?: (connection: number, statement: string) => void
}

const oldestVersion = 15
const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))
/** Any number that nobody else takes: all processes that migrate one database queue for it. */
const migrationLock = 723_642_301

/** Throws one line if that database cannot be served from. */
export async function openDatabase(url: string, options: DatabaseOptions): Promise<Database> {
  const client = connect(url, {
    max: options.connections,
    max_lifetime: (options.connectionLifetime ?? usualTimings.connectionLifetime) / 1000,
    fetch_types: true, // arrays are parameters here
    debug: options.debug,
    connection: {
      // LIMIT is a parameter here, and PostgreSQL would plan such a statement anew on each call.
      plan_cache_mode: 'force_generic_plan',
      statement_timeout: options.statementTimeout,
      lock_timeout: options.lockTimeout ?? 0,
      // A process that stopped in a transaction gives up its locks.
      idle_in_transaction_session_timeout: options.statementTimeout,
    },
  })
  try {
    await refuseOldVersion(client)
  } catch (error) {
    await client.end({ timeout: 0 })
    throw startError(url, error)
  }
  const { statementTimeout, lockTimeout } = options
  const close = () => client.end({ timeout: 5 })
  return { url, timeouts: { statementTimeout, lockTimeout }, client, db: drizzle(client), close }
}

export interface Migrating {
  mode?: Mode
  /** Of the role that is to serve, where that is another than the one that migrates. */
  serverUrl?: string
  /** Milliseconds that a migration waits for a table which another transaction holds: whoever wants that one too waits behind it. */
  lockTimeout?: number
}

/** Several processes may call this at once: one migrates, the others find it done. */
export async function migrateDatabase(url: string, migrating: Migrating = {}): Promise<void> {
  const { mode = Mode.SANDBOX, serverUrl, lockTimeout = 5000 } = migrating
  const client = connect(url, { max: 1, connection: { statement_timeout: 0 } })
  try {
    await client`select pg_advisory_lock(${migrationLock})`
    // Only now: another that migrates is waited for, however long it takes.
    await client`select set_config('lock_timeout', ${String(lockTimeout)}, false)`
    await refuseOtherMode(client, mode)
    if (await isOfAnotherRole(client)) {
      if (serverUrl) throw new Error('MIGRATOR_DATABASE_URL must be of the role that owns the tables; it is of another')
      await refuseRightsOfOwner(client)
      return await refuseBehind(client)
    }
    await refuseOldHistory(client)
    await migrate(drizzle(client), { migrationsFolder })
    await migrateJobs(client, url, lockTimeout)
    await writeMode(client, mode)
    const server = serverUrl && (await roleOf(serverUrl))
    if (server) await refuseRightsOfOwner(client, server)
    // What a later release says of its tables is not for an earlier one to take back.
    if (await isAhead(client)) return
    const tables = await loadTables()
    await applyGuards(client, tables)
    await seedRetention(client, retentionRows(tables))
    if (server) await grantToServer(client, server, tables)
  } catch (error) {
    const { code } = causeOf(error) as { code?: unknown }
    if (code === '42501') throw startError(url, withoutRights(error))
    throw startError(url, code === '55P03' ? heldElsewhere(lockTimeout) : error)
  } finally {
    // The lock goes with its connection.
    await client.end({ timeout: 5 })
  }
}

const heldElsewhere = (lockTimeout: number) =>
  new Error(
    `a migration must have a table to itself for a moment, and waited ${lockTimeout} ms for one that another transaction holds; end that one (pg_stat_activity shows it) and start again`,
  )

const withoutRights = (error: unknown) =>
  new Error(
    `its role has no right to migrate (${reasonOf(error)}); set MIGRATOR_DATABASE_URL to a role that may create tables, and the server's role gets the rights it needs`,
  )

/** Who serves need not know who owns the tables; somebody else has migrated then. */
async function isOfAnotherRole(client: Sql): Promise<boolean> {
  const [table] = await client`
    select not pg_has_role(relowner, 'usage') as foreign from pg_class where oid = to_regclass('public.installation')`
  return table?.foreign ?? false
}

/** The name that it goes by in this database, whatever stands in its URL. While the lock of migrations is held. */
async function roleOf(url: string): Promise<string> {
  const client = connect(url, { max: 1 })
  try {
    // The lock is one database's own: who gets it is in another than the one that is being migrated.
    const [server] = await client`select current_user as role, pg_try_advisory_lock(${migrationLock}) as elsewhere`
    if (server?.elsewhere)
      throw new Error('MIGRATOR_DATABASE_URL and DATABASE_URL must lead to one database; they lead to two')
    return server?.role
  } catch (error) {
    throw startError(url, error)
  } finally {
    await client.end({ timeout: 5 })
  }
}

/** When the last migration that was applied was made, and the last that is known here. */
async function lastMigrations(client: Sql): Promise<{ applied: number; known: number }> {
  const [row] = await client`select max(created_at) as applied from drizzle.__drizzle_migrations`
  return {
    applied: Number(row?.applied),
    known: Math.max(...readMigrationFiles({ migrationsFolder }).map(({ folderMillis }) => folderMillis)),
  }
}

/** Migrations were replaced by one before the first release. Drizzle compares times only, and would apply it on top. */
async function refuseOldHistory(client: Sql): Promise<void> {
  const [history] = await client`select to_regclass('drizzle.__drizzle_migrations') is not null as made`
  if (!history?.made) return
  const [first] = await client`select hash from drizzle.__drizzle_migrations order by created_at limit 1`
  if (first && first.hash !== readMigrationFiles({ migrationsFolder })[0]?.hash)
    throw new Error(
      'its tables were made before the first release and cannot be migrated; start with a new database, or delete DATA_DIR where the server runs its own PostgreSQL',
    )
}

async function isAhead(client: Sql): Promise<boolean> {
  const { applied, known } = await lastMigrations(client)
  return applied > known
}

async function refuseBehind(client: Sql): Promise<void> {
  const { applied, known } = await lastMigrations(client)
  if (applied < known)
    throw new Error(
      'it must be migrated first, by a start or npm run seed with MIGRATOR_DATABASE_URL; its tables are older',
    )
}

/** The tables of graphile-worker, which makes a schema of its own. */
async function migrateJobs(client: Sql, url: string, lockTimeout: number): Promise<void> {
  // Brought in now: what serves and never migrates has no need of it.
  const [{ Logger, runMigrations }, { openPgPool }] = await Promise.all([
    import('graphile-worker'),
    import('./pgPool.js'),
  ])
  // Should its connection be lost, the statement under way or the next one says so.
  const pgPool = openPgPool(url, { statementTimeout: 0, lockTimeout, connections: 1, lost: () => {} })
  try {
    await runMigrations({ pgPool, logger: new Logger(() => () => {}) })
  } finally {
    await pgPool.end()
  }
  // Else whoever does not own them sees no row, whatever is granted.
  await client.unsafe(`
    do $$ declare closed regclass; begin
      for closed in
        select oid from pg_class where relnamespace = 'graphile_worker'::regnamespace and relrowsecurity
      loop execute format('alter table %s disable row level security', closed); end loop;
    end $$`)
}

export function connect(url: string, options: Options<Record<string, never>>, driver = postgres): Sql {
  // It is not where npm was told to run no scripts. See docs/decisions/patched-driver.md.
  if (!('patched' in driver)) throw new Error('the driver of PostgreSQL must be patched first: npm run postinstall')
  return driver(url, {
    connect_timeout: 10,
    max_lifetime: null, // only a pool replaces its connections
    fetch_types: false, // a question of the driver's own on each new connection
    backoff: (tries) => Math.min(0.1 * 2 ** tries, 1),
    // Notices ("relation exists, skipping") would be printed otherwise.
    onnotice: () => {},
    ...options,
    connection: { application_name: 'pencere', ...options.connection },
  })
}

async function refuseOldVersion(client: Sql): Promise<void> {
  const [server] = await client<[{ number: number; version: string }]>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as version`
  if (server.number < oldestVersion * 10_000)
    throw new Error(`PostgreSQL ${oldestVersion} or later is required; the server is ${server.version}`)
}

function startError(url: string, error: unknown): Error {
  const { host, pathname } = new URL(url)
  // At a start only migrations go through Drizzle.
  const step = error instanceof DrizzleQueryError ? 'a migration failed: ' : ''
  return new Error(`PostgreSQL at ${host}${pathname} cannot be used: ${step}${reasonOf(error)}`, { cause: error })
}

/** Drizzle's own message is the whole statement with its parameters; what PostgreSQL said is its cause. */
export const causeOf = (error: unknown): Error =>
  error instanceof DrizzleQueryError && error.cause
    ? error.cause
    : error instanceof Error
      ? error
      : new Error(String(error))

/** One line, without SQL. Where a name has several addresses, Node throws an AggregateError that has only a code. */
export function reasonOf(error: unknown): string {
  const { message, code } = causeOf(error) as NodeJS.ErrnoException
  return (message || code || 'unknown error').split('\n')[0] as string
}
