import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export interface Config {
  host: string
  port: number
  /** Absolute. */
  dataDir: string
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  databaseUrl: string | undefined
  databaseConnections: number
  logLevel: (typeof logLevels)[number]
  corsOrigins: string[]
  /** Milliseconds; also PostgreSQL's statement_timeout. */
  requestTimeout: number
}

/** These may stand in a file instead, named by the same variable with `_FILE` behind it. */
const secrets = ['DATABASE_URL'] as const

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `a whole number from ${least} to ${most}`,
    })
    .transform(Number)

const originsOf = (text: string) => text.split(',').map((origin) => origin.trim())

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

const isPostgresUrl = (text: string) => /^postgres(ql)?:\/\/[^/]/.test(text) && URL.canParse(text)

const variables = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(4000),
  DATA_DIR: z
    .string()
    .prefault('.data')
    .transform((path) => resolve(path)),
  DATABASE_URL: z.string().refine(isPostgresUrl, { error: 'postgres://user:password@host:port/database' }).optional(),
  DATABASE_CONNECTIONS: wholeNumber(1, 1000).default(10),
  LOG_LEVEL: z.enum(logLevels, { error: `one of ${logLevels.join(', ')}` }).default('info'),
  CORS_ORIGINS: z
    .string()
    .transform(originsOf)
    .refine((origins) => origins.every(isOrigin), { error: 'origins with commas between, as https://example.org' })
    .default([]),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000).default(10_000),
})

/** Throws one line that names every wrong variable, what was required and what came. */
export function configFrom(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = withSecretsRead(withoutEmpty(environment))
  const { success, data: read, error } = variables.safeParse(given)
  if (!success)
    throw new Error(error.issues.map((issue) => complaint(String(issue.path[0]), issue.message, given)).join('; '))
  return {
    host: read.HOST,
    port: read.PORT,
    dataDir: read.DATA_DIR,
    databaseUrl: read.DATABASE_URL,
    databaseConnections: read.DATABASE_CONNECTIONS,
    logLevel: read.LOG_LEVEL,
    corsOrigins: read.CORS_ORIGINS,
    requestTimeout: read.REQUEST_TIMEOUT_MS,
  }
}

// `PORT= npm start` is how a shell takes a variable away again.
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
  return `${name} must be ${required}; ${secret ? 'what came is not (it is kept out of logs)' : `"${given[name]}" came`}`
}
