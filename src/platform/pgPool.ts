import { Pool } from 'pg'
import type { Timeouts } from './database.js'

interface PgPoolOptions extends Timeouts {
  connections: number
  /** Shown in pg_stat_activity. */
  name?: string
  /** Called when a connection is lost, in use or idle. */
  lost(error: Error): void
}

/**
 * The node-postgres pool of graphile-worker. A pool that it creates itself removes its listeners before the last
 * connection ends; a connection cut by PostgreSQL would then end the process.
 */
export function openPgPool(url: string, { connections, lost, ...options }: PgPoolOptions): Pool {
  return new Pool({ connectionString: urlForPg(url, options), max: connections, connectionTimeoutMillis: 10_000 })
    .on('error', lost)
    .on('connect', (client) => client.on('error', lost))
}

/** Makes `sslmode=require` and the timeouts mean the same in both drivers. */
function urlForPg(
  url: string,
  { statementTimeout, lockTimeout = 0, name = 'pencere' }: Omit<PgPoolOptions, 'connections' | 'lost'>,
): string {
  const same = new URL(url)
  same.searchParams.set('uselibpqcompat', 'true')
  same.searchParams.set('application_name', name)
  const given = same.searchParams.get('options') ?? ''
  const limits = [
    `-c statement_timeout=${statementTimeout}`,
    `-c lock_timeout=${lockTimeout}`,
    `-c idle_in_transaction_session_timeout=${statementTimeout}`,
  ].join(' ')
  same.searchParams.set('options', `${given} ${limits}`.trim())
  // node-postgres reads %20 as a space, and + as a plus.
  same.search = same.search.replaceAll('+', '%20')
  return same.href
}
