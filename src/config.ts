import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { type ClamdAddress, clamdFrom, type S3Settings, s3From } from './documents/files/settings.js'
import { keysHeldBy, signingKeysFrom } from './documents/issued/signingKeysFrom.js'
import { trustListFrom } from './documents/signatures/trustList.js'
import { type ExchangeSettings, exchangeFrom, exposed } from './exchange/registries/settings.js'
import { type Issuer, issuersFrom, sandboxAudience } from './identity/signIn/issuer.js'
import { isLoopback, isNetwork } from './platform/address.js'
import { Mode } from './platform/installation.table.js'
import { type Timings, usualTimings } from './platform/timings.js'
import { type Patience, usualPatience } from './shared/patience.js'
import { type UploadLimits, uploadLimits } from './shared/uploadLimits.js'

// graphile-worker reads the home folder when it loads. A user without a name has none, and needs none.
try {
  homedir()
} catch {
  process.env.HOME = '/'
}

const roles = ['all', 'api', 'worker'] as const
const allowances = ['network', 'database-url', 'valkey-url', 'exchange', 'files-s3', 'clamd'] as const
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export interface Config {
  /** The task of this process: serve requests, run jobs, or supervise both. */
  role: (typeof roles)[number]
  mode: Mode
  /** Exceptions that a sandbox may make. See SANDBOX_ALLOWS in docs/configuration.md. */
  sandboxAllows: readonly (typeof allowances)[number][]
  host: string
  port: number
  /** Absolute. */
  dataDir: string
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  databaseUrl: string | undefined
  /** The role that owns the tables, if it differs from the serving role. */
  migratorDatabaseUrl: string | undefined
  databaseConnections: number
  /** The folder of the worker's copy of the access log's checkpoints. Absolute. */
  accessLogDir: string
  /** The folder of files too large for the database, unless a bucket is configured. Absolute. */
  filesDir: string
  filesS3: S3Settings | undefined
  patience: Patience
  /** The scanner of uploads. Undefined: the sandbox's own. */
  clamd: ClamdAddress | undefined
  uploads: UploadLimits
  /** JSON. Undefined: the file in `dataDir`, in a sandbox only. */
  keyring: string | undefined
  /** JSON. Undefined: those in `dataDir`, in a sandbox only. */
  signingKeys: string | undefined
  /** JSON: the trusted certificate authorities. Undefined: none; in a sandbox its own. */
  trustList: string | undefined
  /** The issuers that sign people in. None: a sandbox's own login. */
  issuers: readonly Issuer[]
  /** Where callers reach the API. Undefined: this machine at `port`. */
  publicUrl: string | undefined
  /** The port of a sandbox's own login. */
  sandboxPort: number
  /** The port where the worker answers /livez and /readyz. */
  workerPort: number
  /** The ports of a sandbox's registries, by code. Undefined if there are none, or before they are chosen. */
  registryPorts: Readonly<Record<string, number>> | undefined
  /** The port where a sandbox's authority publishes its revocation list. Undefined as above. */
  authorityPort: number | undefined
  /** Addresses and networks whose X-Forwarded-For is trusted. */
  trustProxy: string[]
  /** Undefined: limits by caller are counted in PostgreSQL. */
  valkeyUrl: string | undefined
  /** Points of one address, and calls of one mutation by one caller. Undefined: the defaults in docs/limits.md. */
  rateRequests: number | undefined
  rateCommands: number | undefined
  /** The connections to agencies' registries. Undefined: none, except a sandbox's own. */
  exchange: ExchangeSettings | undefined
  /** For tests: where this process dies. */
  failpoints: string
  logLevel: (typeof logLevels)[number]
  corsOrigins: string[]
  /** Milliseconds; also PostgreSQL's statement_timeout. */
  requestTimeout: number
  /** Milliseconds that a statement waits for a lock. */
  lockTimeout: number
  timings: Timings
}

/** These may be in a file instead, named by the same variable with `_FILE` appended. */
const secrets = [
  'DATABASE_URL',
  'MIGRATOR_DATABASE_URL',
  'KEYRING',
  'SIGNING_KEYS',
  'ISSUERS',
  'VALKEY_URL',
  'EXCHANGE',
  'FILES_S3',
  'TRUST_LIST',
] as const

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `a whole number from ${least} to ${most}`,
    })
    .transform(Number)

const listOf = (text: string) => text.split(',').map((item) => item.trim())

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

const isPostgresUrl = (text: string) => /^postgres(ql)?:\/\/[^/]/.test(text) && URL.canParse(text)

const postgresUrl = z
  .string()
  .refine(isPostgresUrl, { error: 'postgres://user:password@host:port/database' })
  .optional()

const variables = z.object({
  ROLE: z.enum(roles, { error: `one of ${roles.join(', ')}` }).default('all'),
  MODE: z
    .enum(['sandbox', 'production'], { error: 'sandbox or production' })
    .transform((mode) => (mode === 'sandbox' ? Mode.SANDBOX : Mode.PRODUCTION))
    .default(Mode.SANDBOX),
  SANDBOX_ALLOWS: z
    .string()
    .transform(listOf)
    .pipe(z.array(z.enum(allowances, { error: `a comma-separated list of ${allowances.join(', ')}` })))
    .default([]),
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(4000),
  DATA_DIR: z
    .string()
    .prefault('.data')
    .transform((path) => resolve(path)),
  DATABASE_URL: postgresUrl,
  MIGRATOR_DATABASE_URL: postgresUrl,
  DATABASE_CONNECTIONS: wholeNumber(1, 1000).default(10),
  ACCESS_LOG_DIR: z
    .string()
    .transform((path) => resolve(path))
    .optional(),
  FILES_DIR: z
    .string()
    .transform((path) => resolve(path))
    .optional(),
  FILES_S3: z.string().optional(),
  CLAMD: z
    .string()
    .refine((text) => clamdFrom(text) !== undefined, { error: 'a host and a port such as clamd.example.org:3310' })
    .transform(clamdFrom)
    .optional(),
  DRAFT_DAYS: wholeNumber(1, 3_650).default(usualPatience.draftDays),
  CONFIRM_DAYS: wholeNumber(1, 3_650).default(usualPatience.confirmDays),
  UPLOAD_BYTES: wholeNumber(1_000, 100_000_000).default(uploadLimits.bytes),
  UPLOAD_BYTES_A_DAY: wholeNumber(1_000, 999_999_999).default(uploadLimits.bytesADay),
  UPLOAD_HOURS: wholeNumber(1, 8_760).default(uploadLimits.hours),
  KEYRING: z.string().optional(),
  SIGNING_KEYS: z.string().optional(),
  TRUST_LIST: z.string().optional(),
  ISSUERS: z.string().optional(),
  PUBLIC_URL: z.string().refine(isOrigin, { error: 'an origin such as https://api.example.org' }).optional(),
  SANDBOX_PORT: wholeNumber(0, 65_535).optional(),
  WORKER_PORT: wholeNumber(0, 65_535).optional(),
  TRUST_PROXY: z
    .string()
    .transform(listOf)
    .refine((networks) => networks.every(isNetwork), {
      error: 'a comma-separated list of addresses or networks such as 10.0.0.0/8, but not /0, which is everybody',
    })
    .default([]),
  VALKEY_URL: z
    .string()
    .refine((text) => /^(redis|valkey)s?:\/\/[^/]/.test(text) && URL.canParse(text), {
      error: 'redis://user:password@host:port',
    })
    .optional(),
  RATE_REQUESTS: wholeNumber(1, 999_999_999).optional(),
  RATE_COMMANDS: wholeNumber(1, 999_999_999).optional(),
  EXCHANGE: z.string().optional(),
  FAILPOINTS: z.string().default(''),
  LOG_LEVEL: z.enum(logLevels, { error: `one of ${logLevels.join(', ')}` }).default('info'),
  CORS_ORIGINS: z
    .string()
    .transform(listOf)
    .refine((origins) => origins.every(isOrigin), {
      error: 'a comma-separated list of origins such as https://example.org',
    })
    .default([]),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000).default(10_000),
  LOCK_TIMEOUT_MS: wholeNumber(100, 600_000).default(5_000),
})

/** Throws one line that names every invalid variable, what it must be and what it is. */
export function configFrom(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = withSecretsRead(withoutEmpty(environment))
  const { success, data: read, error } = variables.safeParse(given)
  if (!success)
    throw new Error(error.issues.map((issue) => complaint(String(issue.path[0]), issue.message, given)).join('; '))
  const disagreements = [...disagreementsOf(read), ...(read.MODE === Mode.SANDBOX ? escapesOf(read) : lacksOf(read))]
  if (disagreements.length > 0) throw new Error(disagreements.join('; '))
  return {
    role: read.ROLE,
    mode: read.MODE,
    sandboxAllows: read.SANDBOX_ALLOWS,
    host: read.HOST,
    port: read.PORT,
    dataDir: read.DATA_DIR,
    databaseUrl: read.DATABASE_URL,
    migratorDatabaseUrl: read.MIGRATOR_DATABASE_URL,
    databaseConnections: read.DATABASE_CONNECTIONS,
    accessLogDir: read.ACCESS_LOG_DIR ?? join(read.DATA_DIR, 'access-log'),
    filesDir: read.FILES_DIR ?? join(read.DATA_DIR, 'files'),
    filesS3: read.FILES_S3 === undefined ? undefined : s3From(read.FILES_S3),
    clamd: read.CLAMD,
    patience: { draftDays: read.DRAFT_DAYS, confirmDays: read.CONFIRM_DAYS },
    uploads: { bytes: read.UPLOAD_BYTES, bytesADay: read.UPLOAD_BYTES_A_DAY, hours: read.UPLOAD_HOURS },
    keyring: read.KEYRING,
    signingKeys: signingKeysOf(read),
    trustList: trustListOf(read),
    issuers: issuersOf(read),
    publicUrl: read.PUBLIC_URL,
    sandboxPort: read.SANDBOX_PORT ?? portBeside(read.PORT, 1),
    workerPort: read.WORKER_PORT ?? portBeside(read.PORT, 2),
    registryPorts: undefined,
    authorityPort: undefined,
    trustProxy: read.TRUST_PROXY,
    valkeyUrl: read.VALKEY_URL,
    rateRequests: read.RATE_REQUESTS,
    rateCommands: read.RATE_COMMANDS,
    exchange: exchangeOf(read),
    failpoints: read.FAILPOINTS,
    logLevel: read.LOG_LEVEL,
    corsOrigins: read.CORS_ORIGINS,
    requestTimeout: read.REQUEST_TIMEOUT_MS,
    lockTimeout: read.LOCK_TIMEOUT_MS,
    timings: usualTimings,
  }
}

/** 0 takes a free port; a port derived from 0 is 0. */
const portBeside = (port: number, distance: number) => (port === 0 || port + distance > 65_535 ? 0 : port + distance)

/** A line for each environment variable that looks like a misspelling of ours. */
export function misspelt(environment: NodeJS.ProcessEnv = process.env): string[] {
  const known = [...Object.keys(variables.shape), ...secrets.map((name) => `${name}_FILE`)]
  return Object.keys(environment)
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((other) => isNear(name.toUpperCase(), other))
      return meant ? [`${name} is not a setting and is ignored; did you mean ${meant}?`] : []
    })
}

/** Short names resemble too many others. */
const isNear = (name: string, known: string) => name === known || (known.length >= 8 && distance(name, known) <= 2)

type Read = z.output<typeof variables>

function disagreementsOf(read: Read): string[] {
  const { ROLE, DATABASE_URL, MIGRATOR_DATABASE_URL } = read
  return [
    ...(ROLE !== 'all' && !DATABASE_URL
      ? [`ROLE=${ROLE} requires DATABASE_URL: the embedded PostgreSQL belongs to ROLE=all`]
      : []),
    ...(MIGRATOR_DATABASE_URL && !DATABASE_URL
      ? ['MIGRATOR_DATABASE_URL requires DATABASE_URL, with the serving role; it is not set']
      : []),
  ]
}

const waysOut = [
  ['DATABASE_URL', 'database-url'],
  ['VALKEY_URL', 'valkey-url'],
  ['EXCHANGE', 'exchange'],
  ['FILES_S3', 'files-s3'],
  ['CLAMD', 'clamd'],
] as const
/** Refuses settings that leave the sandbox, unless SANDBOX_ALLOWS lists them. */
function escapesOf({ SANDBOX_ALLOWS, HOST, ...given }: Read): string[] {
  return [
    ...(!isLoopback(HOST) && !SANDBOX_ALLOWS.includes('network')
      ? [`HOST must be a loopback address in a sandbox without SANDBOX_ALLOWS=network; got "${HOST}"`]
      : []),
    ...waysOut
      .filter(([name, allowance]) => given[name] && !SANDBOX_ALLOWS.includes(allowance))
      .map(([name, allowance]) => `${name} must not be set in a sandbox without SANDBOX_ALLOWS=${allowance}; it is`),
  ]
}

/** Required in production, which never creates them itself. */
function lacksOf(read: Read): string[] {
  return [
    ...(['DATABASE_URL', 'KEYRING', 'SIGNING_KEYS', 'ISSUERS'] as const)
      .filter((name) => read[name] === undefined)
      .map((name) => `${name} or ${name}_FILE must be set in production; neither is`),
    // A file that nobody scanned is never reported as clean.
    ...(read.CLAMD === undefined ? ['CLAMD must be set in production; it is not'] : []),
    ...(read.PUBLIC_URL === undefined ? ['PUBLIC_URL must be set in production; it is not'] : []),
    ...(read.FAILPOINTS ? ['FAILPOINTS must be empty in production; they are for tests'] : []),
  ]
}

function issuersOf({ MODE, ISSUERS }: Read): Issuer[] {
  const issuers = ISSUERS === undefined ? [] : issuersFrom(ISSUERS)
  if (MODE === Mode.PRODUCTION && issuers.some(({ audience }) => audience === sandboxAudience))
    throw new Error(`ISSUERS must not accept tokens of a sandbox in production; got the audience ${sandboxAudience}`)
  return issuers
}

/** Returned unchanged after validation. */
function signingKeysOf({ MODE, ROLE, SIGNING_KEYS }: Read): string | undefined {
  if (SIGNING_KEYS !== undefined)
    signingKeysFrom(SIGNING_KEYS, { isSandbox: MODE === Mode.SANDBOX, keys: keysHeldBy(ROLE) })
  return SIGNING_KEYS
}

function trustListOf({ MODE, TRUST_LIST }: Read): string | undefined {
  if (TRUST_LIST !== undefined) trustListFrom(TRUST_LIST, { isSandbox: MODE === Mode.SANDBOX })
  return TRUST_LIST
}

function exchangeOf({ MODE, EXCHANGE }: Read): ExchangeSettings | undefined {
  if (EXCHANGE === undefined) return undefined
  const exchange = exchangeFrom(EXCHANGE)
  const [code] = MODE === Mode.PRODUCTION ? exposed(exchange) : []
  if (code)
    throw new Error(
      'EXCHANGE must reach every registry in production over https with a client certificate, or on this machine; ' +
        `it does not for ${code}`,
    )
  return exchange
}

/** The environment of a child that gets its configuration another way: process listings show no secret. */
export const withoutSecrets = ({ ...environment } = process.env): NodeJS.ProcessEnv => {
  for (const name of secrets) for (const variable of [name, `${name}_FILE`]) delete environment[variable]
  return environment
}

/** The environment of a foreign program, which only needs to find its libraries. */
export const bareEnvironment = ({ PATH, LANG } = process.env): NodeJS.ProcessEnv => ({ PATH, LANG })

// `PORT= npm start` unsets a variable in a shell.
const withoutEmpty = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))

function withSecretsRead(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read = { ...environment }
  for (const name of secrets) {
    const file = environment[`${name}_FILE`]
    if (file === undefined) continue
    if (environment[name] !== undefined) throw new Error(`${name} or ${name}_FILE must be set; both are`)
    try {
      read[name] = readFileSync(file, 'utf8').trim()
    } catch (error) {
      throw new Error(`${name}_FILE must be a file that can be read; ${(error as Error).message}`)
    }
  }
  return read
}

function complaint(name: string, required: string, given: NodeJS.ProcessEnv): string {
  const secret = (secrets as readonly string[]).includes(name)
  return `${name} must be ${required}; ${secret ? 'the given value is not (it is kept out of logs)' : `got "${given[name]}"`}`
}
