import { resolve } from 'node:path'
import { z } from 'zod'
import { Mode } from './installation.table.js'
import { listOf, oneOf, settings } from './settings.js'

const roles = ['all', 'api', 'worker'] as const
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export interface ProcessConfig {
  /** The task of this process: serve requests, run jobs, or supervise both. */
  role: (typeof roles)[number]
  mode: Mode
  /** Exceptions that a sandbox may make. */
  sandboxAllows: readonly string[]
  /** Absolute. */
  dataDir: string
  logLevel: (typeof logLevels)[number]
  /** For tests: where this process dies. */
  failpoints: string
}

/** The variables that others depend on. `exceptions` are those of all variables, and what each permits. */
export const processSettings = (exceptions: Record<string, string>) => {
  const permitted = { network: 'listen beyond this machine', ...exceptions }
  const described = Object.entries(permitted).map(([name, what]) => `\`${name}\` (${what})`)
  return settings(
    {
      MODE: {
        meaning:
          '`sandbox` or `production`. The first migration stores the mode in the database, which refuses a server of ' +
          'the other mode: see [Modes](#modes)',
        default: '`sandbox`',
        example: 'production',
        value: z
          .enum(['sandbox', 'production'], { error: 'sandbox or production' })
          .transform((mode) => (mode === 'sandbox' ? Mode.SANDBOX : Mode.PRODUCTION))
          .default(Mode.SANDBOX),
      },
      SANDBOX_ALLOWS: {
        meaning: `Exceptions for a sandbox, comma-separated: ${described.join(', ')}`,
        example: 'network,database-url',
        value: listOf((name) => name in permitted, Object.keys(permitted).join(', ')),
      },
      ROLE: {
        meaning:
          'What the process does. `api` serves requests. `worker` runs jobs. `all` starts both, the embedded ' +
          "PostgreSQL, and a sandbox's login, registries and bank. `api` and `worker` require `DATABASE_URL`",
        default: '`all`',
        example: 'worker',
        value: oneOf(roles).default('all'),
      },
      DATA_DIR: {
        meaning:
          "Folder of the embedded PostgreSQL, a sandbox's secrets, faults and bank journal, and other files without " +
          'a setting of their own. Created if missing. Not used if `DATABASE_URL`, all secrets, `ACCESS_LOG_DIR`, and ' +
          '`FILES_DIR` or `FILES_S3` are set',
        default: '`.data`',
        example: '/var/lib/pencere',
        value: z
          .string()
          .prefault('.data')
          .transform((path) => resolve(path)),
      },
      LOG_LEVEL: {
        meaning:
          '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. `info` has [one line a request](for-operators.md#log-lines)',
        default: '`info`',
        example: 'warn',
        value: oneOf(logLevels).default('info'),
      },
      FAILPOINTS: {
        meaning: 'For tests: where the process dies, fails or hangs. Refused in production',
        example: 'command.committed=kill',
        value: z.string().default(''),
      },
    },
    (read): ProcessConfig => ({
      role: read.ROLE,
      mode: read.MODE,
      sandboxAllows: read.SANDBOX_ALLOWS,
      dataDir: read.DATA_DIR,
      logLevel: read.LOG_LEVEL,
      failpoints: read.FAILPOINTS,
    }),
    ({ MODE, FAILPOINTS }) =>
      MODE === Mode.PRODUCTION && FAILPOINTS ? ['FAILPOINTS must be empty in production; they are for tests'] : [],
  )
}
