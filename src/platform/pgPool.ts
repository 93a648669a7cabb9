import { Pool } from 'pg'
import type { Timeouts } from './database.js'

interface PgPoolOptions extends Timeouts {
  connections: number
  /** As others see it in pg_stat_activity. */
  name?: string
  /** Told of a connection that is lost, whether or not somebody was asking through it. */
  lost(error: Error): void
}

/**
 * Connections of node-postgres, which graphile-worker uses. Made here, for a pool that it makes itself loses its listeners
 * before its last connection has ended: should PostgreSQL cut that one, Node would end the process.
 */
export function openPgPool(url: string, { connections, lost, ...options }: PgPoolOptions): Pool {
  return new Pool({ connectionString: urlForPg(url, options), max: connections, connectionTimeoutMillis: 10_000 })
    .on('error', lost)
    .on('connect', (client) => client.on('error', lost))
}

/** `sslmode=require` is to mean the same to both drivers, and so are the timeouts. */
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
  // A space is %20 to it, and + is a plus.
  same.search = same.search.replaceAll('+', '%20')
  return same.href
}
