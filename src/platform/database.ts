import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { DrizzleQueryError } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres, { type Options, type Sql } from 'postgres'
import { setConnectionLifetime } from '../engine/prepared.js'
import { refuseOtherMode, writeMode } from './installation.js'
import { Mode } from './installation.table.js'
import { prepareHotQueries } from './preparedQueries.js'
import { retentionRows, seedRetention } from './retention.js'
import { grantToServer, refuseRightsOfOwner } from './roles.js'
import { appliedGuards, applyGuards, loadTables } from './tables.js'
import { usualTimings } from './timings.js'

export interface Database {
  /** Includes the password. */
  url: string
  /** Applies to each connection, including those of other drivers. */
  timeouts: Timeouts
  client: Sql
  db: PostgresJsDatabase
  close(): Promise<void>
}

export interface Timeouts {
  /** Milliseconds. */
  statementTimeout: number
  /** Milliseconds that a statement waits for a lock. Defaults to the statement timeout. */
  lockTimeout?: number
}
export interface DatabaseOptions extends Timeouts {
  connections: number
  /** Milliseconds after which a connection is replaced. */
  connectionLifetime?: number
  /** Called with each statement sent. */
  debug?: (connection: number, statement: string) => void
}

prepareHotQueries()

const oldestVersion = 15
const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))
/** An arbitrary number: all processes that migrate one database queue for this lock. */
const migrationLock = 723_642_301

/** Throws one line if the database cannot be used. */
export async function openDatabase(url: string, options: DatabaseOptions): Promise<Database> {
  const { connectionLifetime = usualTimings.connectionLifetime } = options
  setConnectionLifetime(connectionLifetime)
  const client = connect(url, {
    max: options.connections,
    max_lifetime: connectionLifetime / 1000,
    fetch_types: true, // arrays are parameters here
    debug: options.debug,
    connection: {
      // LIMIT is a parameter here; a generic plan avoids planning such a statement on each call.
      plan_cache_mode: 'force_generic_plan',
      // A page is read by index in its order, however few rows a generic plan expects of an average party.
      random_page_cost: 1.1,
      statement_timeout: options.statementTimeout,
      lock_timeout: options.lockTimeout ?? 0,
      // A process that hangs in a transaction loses its locks.
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
  /** The serving role, if it differs from the migrating role. */
  serverUrl?: string
  /** Milliseconds that a migration waits for a locked table: everyone else who needs that table waits behind it. */
  lockTimeout?: number
}

/** Several processes may call this at once: one migrates, the others find it done. */
export async function migrateDatabase(url: string, migrating: Migrating = {}): Promise<void> {
  const { mode = Mode.SANDBOX, serverUrl, lockTimeout = 5000 } = migrating
  const client = connect(url, { max: 1, connection: { statement_timeout: 0 } })
  try {
    await client`select pg_advisory_lock(${migrationLock})`
    // Set only now: waiting for another migrator has no limit.
    await client`select set_config('lock_timeout', ${String(lockTimeout)}, false)`
    await refuseOtherMode(client, mode)
    if (await isOfAnotherRole(client)) {
      if (serverUrl) throw new Error('MIGRATOR_DATABASE_URL must name the role that owns the tables; it names another')
      await refuseRightsOfOwner(client)
      return await refuseBehind(client)
    }
    await refuseOldHistory(client)
    await migrate(drizzle(client), { migrationsFolder })
    await migrateJobs(client, url, lockTimeout)
    await writeMode(client, mode)
    const server = serverUrl && (await roleOf(serverUrl))
    if (server) await refuseRightsOfOwner(client, server)
    // An earlier release must not revert what a later one says of its tables.
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
    // The connection releases the lock when it ends.
    await client.end({ timeout: 5 })
  }
}

const heldElsewhere = (lockTimeout: number) =>
  new Error(
    `a migration waited ${lockTimeout} ms for a table that another transaction locks; end that transaction (see pg_stat_activity) and start again`,
  )

const withoutRights = (error: unknown) =>
  new Error(
    `its role may not migrate (${reasonOf(error)}); set MIGRATOR_DATABASE_URL to a role that may create tables, which then grants the server's role its rights`,
  )

/** The serving role need not know the owner: somebody else has migrated. */
async function isOfAnotherRole(client: Sql): Promise<boolean> {
  const [table] = await client`
    select not pg_has_role(relowner, 'usage') as foreign from pg_class where oid = to_regclass('public.installation')`
  return table?.foreign ?? false
}

/** The role's name in this database, whatever its URL says. Call it while holding the migration lock. */
async function roleOf(url: string): Promise<string> {
  const client = connect(url, { max: 1 })
  try {
    // The lock belongs to one database. Whoever gets it here is in another database than the one being migrated.
    const [server] = await client`select current_user as role, pg_try_advisory_lock(${migrationLock}) as elsewhere`
    if (server?.elsewhere)
      throw new Error('MIGRATOR_DATABASE_URL and DATABASE_URL must name the same database; they name two')
    return server?.role
  } catch (error) {
    throw startError(url, error)
  } finally {
    await client.end({ timeout: 5 })
  }
}

/** When the newest applied migration and the newest known one were made. */
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
  // The first migration may have ended before the triggers were made.
  if (applied < known || !(await appliedGuards(client)))
    throw new Error(
      'its tables are older than this release; migrate it first, by a start or npm run seed with MIGRATOR_DATABASE_URL',
    )
}

/** Creates the tables of graphile-worker in a schema of its own. The schema's comment is the version that did it. */
async function migrateJobs(client: Sql, url: string, lockTimeout: number): Promise<void> {
  const { version }: { version: string } = createRequire(import.meta.url)('graphile-worker/package.json')
  const [schema] = await client`
    select obj_description(to_regnamespace('graphile_worker'), 'pg_namespace') as version`
  if (schema?.version === version) return
  // Imported lazily: a later start has nothing to migrate.
  const [{ Logger, runMigrations }, { openPgPool }] = await Promise.all([
    import('graphile-worker'),
    import('./pgPool.js'),
  ])
  // If the connection is lost, the current or the next statement fails.
  const pgPool = openPgPool(url, { statementTimeout: 0, lockTimeout, connections: 1, lost: () => {} })
  try {
    await runMigrations({ pgPool, logger: new Logger(() => () => {}) })
  } finally {
    await pgPool.end()
  }
  // Without this, only the owner sees any rows, whatever is granted.
  await client.unsafe(`
    do $$ declare closed regclass; begin
      for closed in
        select oid from pg_class where relnamespace = 'graphile_worker'::regnamespace and relrowsecurity
      loop execute format('alter table %s disable row level security', closed); end loop;
    end $$;
    comment on schema graphile_worker is '${version}'`)
}

export function connect(url: string, options: Options<Record<string, never>>, driver = postgres): Sql {
  // The patch is missing if npm ran no install scripts. See docs/decisions/patched-driver.md.
  if (!('patched' in driver)) throw new Error('the driver of PostgreSQL must be patched first: npm run postinstall')
  return driver(url, {
    host: socketFolderOf(url),
    connect_timeout: 10,
    max_lifetime: null, // only a pool replaces its connections
    fetch_types: false, // avoids a query of the driver on each new connection
    backoff: (tries) => Math.min(0.1 * 2 ** tries, 1),
    // Otherwise notices ("relation exists, skipping") are printed.
    onnotice: () => {},
    ...options,
    connection: { application_name: 'pencere', ...options.connection },
  })
}

/** As libpq writes it: `postgres://name@%2Fvar%2Frun%2Fpostgresql/state`. The driver takes a folder, but does not decode it. */
function socketFolderOf(url: string): string | undefined {
  const { hostname } = new URL(url)
  return /^%2F/i.test(hostname) ? decodeURIComponent(hostname) : undefined
}

async function refuseOldVersion(client: Sql): Promise<void> {
  const [server] = await client<[{ number: number; version: string }]>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as version`
  if (server.number < oldestVersion * 10_000)
    throw new Error(`PostgreSQL ${oldestVersion} or later is required; the server is ${server.version}`)
}

function startError(url: string, error: unknown): Error {
  const { host, pathname } = new URL(url)
  // At a start only migrations use Drizzle.
  const step = error instanceof DrizzleQueryError ? 'a migration failed: ' : ''
  return new Error(`PostgreSQL at ${host}${pathname} cannot be used: ${step}${reasonOf(error)}`, { cause: error })
}

/** Drizzle's message is the whole statement with its parameters. The cause is PostgreSQL's error. */
export const causeOf = (error: unknown): Error =>
  error instanceof DrizzleQueryError && error.cause
    ? error.cause
    : error instanceof Error
      ? error
      : new Error(String(error))

/** One line, without SQL. If a name has several addresses, Node throws an AggregateError that only has a code. */
export function reasonOf(error: unknown): string {
  const { message, code } = causeOf(error) as NodeJS.ErrnoException
  return (message || code || 'unknown error').split('\n')[0] as string
}
