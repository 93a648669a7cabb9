import { fileURLToPath } from 'node:url'
import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres, { type Options, type Sql } from 'postgres'
import { connectionLifetime } from '../engine/prepared.js'

export interface Database {
  /** With the password in it. */
  url: string
  client: Sql
  db: PostgresJsDatabase
  close(): Promise<void>
}

export interface DatabaseOptions {
  connections: number
  /** Milliseconds. */
  statementTimeout: number
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
    fetch_types: true, // arrays are parameters here
    debug: options.debug,
    connection: {
      // LIMIT is a parameter here, and PostgreSQL would plan such a statement anew on each call.
      plan_cache_mode: 'force_generic_plan',
      statement_timeout: options.statementTimeout,
    },
  })
  try {
    await refuseOldVersion(client)
  } catch (error) {
    await client.end({ timeout: 0 })
    throw startError(url, error)
  }
  return { url, client, db: drizzle(client), close: () => client.end({ timeout: 5 }) }
}

/** Several processes may call this at once: one migrates, the others find it done. */
export async function migrateDatabase(url: string): Promise<void> {
  const client = connect(url, { max: 1, connection: { statement_timeout: 0 } })
  try {
    await client`select pg_advisory_lock(${migrationLock})`
    await migrate(drizzle(client), { migrationsFolder })
    await migrateJobs(client, url)
  } catch (error) {
    throw startError(url, error)
  } finally {
    // The lock goes with its connection.
    await client.end({ timeout: 5 })
  }
}

/** The tables of graphile-worker, which makes a schema of its own. */
async function migrateJobs(client: Sql, url: string): Promise<void> {
  // Brought in now: what serves and never migrates has no need of it.
  const { Logger, runMigrations } = await import('graphile-worker')
  await runMigrations({ connectionString: urlForPg(url), maxPoolSize: 1, logger: new Logger(() => () => {}) })
  // Else whoever does not own them sees no row, whatever is granted.
  await client.unsafe(`
    do $$ declare closed regclass; begin
      for closed in
        select oid from pg_class where relnamespace = 'graphile_worker'::regnamespace and relrowsecurity
      loop execute format('alter table %s disable row level security', closed); end loop;
    end $$`)
}

/** For node-postgres, which graphile-worker uses: `sslmode=require` is to mean the same to both drivers. */
export function urlForPg(url: string): string {
  const same = new URL(url)
  same.searchParams.set('uselibpqcompat', 'true')
  same.searchParams.set('application_name', 'pencere')
  return same.href
}

export function connect(url: string, options: Options<Record<string, never>>): Sql {
  return postgres(url, {
    connect_timeout: 10,
    max_lifetime: connectionLifetime,
    // Where the server goes away meanwhile, the driver leaves that question of its own unhandled.
    fetch_types: false,
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
