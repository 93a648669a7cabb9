import { z } from 'zod'
import { settings, wholeNumber } from './settings.js'

export interface DatabaseConfig {
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  databaseUrl: string | undefined
  /** The role that owns the tables, if it differs from the serving role. */
  migratorDatabaseUrl: string | undefined
  databaseConnections: number
  /** Milliseconds; also PostgreSQL's statement_timeout. */
  requestTimeout: number
  /** Milliseconds that a statement waits for a lock. */
  lockTimeout: number
}

const isPostgresUrl = (text: string) => /^postgres(ql)?:\/\/[^/]/.test(text) && URL.canParse(text)
const postgresUrl = z
  .string()
  .refine(isPostgresUrl, { error: 'postgres://user:password@host:port/database' })
  .optional()

export const databaseSettings = settings(
  {
    DATABASE_URL: {
      meaning: 'PostgreSQL 15 or later to use instead of the embedded one',
      example: 'postgres://pencere:…@db.example.org/pencere?sslmode=verify-full',
      value: postgresUrl,
      isSecret: true,
      isRequired: true,
      exception: 'use another PostgreSQL',
    },
    MIGRATOR_DATABASE_URL: {
      meaning: 'The same database, as the role that owns the tables: see [Two roles](#two-roles)',
      example: 'postgres://owner:…@db.example.org/pencere?sslmode=verify-full',
      value: postgresUrl,
      isSecret: true,
    },
    DATABASE_CONNECTIONS: {
      meaning:
        'Maximum pool size of one process, 1 to 1000. API and worker are separate processes. A worker uses up to 5 more ' +
        'for its job runner, a migrating start one or two more',
      default: '`10`',
      example: '20',
      value: wholeNumber(1, 1000).default(10),
    },
    REQUEST_TIMEOUT_MS: {
      meaning: 'Maximum time of one request, and of one SQL statement, 100 to 600000',
      default: '`10000`',
      example: '5000',
      value: wholeNumber(100, 600_000).default(10_000),
    },
    LOCK_TIMEOUT_MS: {
      meaning:
        'Maximum time that an SQL statement waits for a lock, 100 to 600000. A migrating start fails after this time, ' +
        'because everybody who needs that table waits behind it',
      default: '`5000`',
      example: '2000',
      value: wholeNumber(100, 600_000).default(5_000),
    },
  },
  (read): DatabaseConfig => ({
    databaseUrl: read.DATABASE_URL,
    migratorDatabaseUrl: read.MIGRATOR_DATABASE_URL,
    databaseConnections: read.DATABASE_CONNECTIONS,
    requestTimeout: read.REQUEST_TIMEOUT_MS,
    lockTimeout: read.LOCK_TIMEOUT_MS,
  }),
  ({ DATABASE_URL, MIGRATOR_DATABASE_URL }, { role }) => {
    const problems: string[] = []
    if (role !== 'all' && !DATABASE_URL)
      problems.push(`ROLE=${role} requires DATABASE_URL: the embedded PostgreSQL belongs to ROLE=all`)
    if (MIGRATOR_DATABASE_URL && !DATABASE_URL)
      problems.push('MIGRATOR_DATABASE_URL requires DATABASE_URL, with the serving role; it is not set')
    return problems
  },
)
