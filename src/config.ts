import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { applicationSettings } from './applications/application.settings.js'
import { filesSettings } from './documents/files/files.settings.js'
import { signingKeysSettings } from './documents/issued/signingKeys.settings.js'
import { trustListSettings } from './documents/signatures/trustList.settings.js'
import { uploadSettings } from './documents/uploads/upload.settings.js'
import { accessLogSettings } from './exchange/accessLog/accessLog.settings.js'
import { exchangeSettings } from './exchange/registries/exchange.settings.js'
import { issuerSettings } from './identity/signIn/issuer.settings.js'
import { providersSettings } from './payments/checkout/providers.settings.js'
import type { AllOf } from './platform/allOf.js'
import { databaseSettings } from './platform/database.settings.js'
import { httpSettings } from './platform/http.settings.js'
import { Mode } from './platform/installation.table.js'
import { keyringSettings } from './platform/keyring.settings.js'
import { type ProcessConfig, processSettings } from './platform/process.settings.js'
import { ratesSettings } from './platform/rates.settings.js'
import type { Variable, Variables } from './platform/settings.js'
import { type Timings, usualTimings } from './platform/timings.js'

// graphile-worker reads the home folder when it loads. A user without a name has none, and needs none.
try {
  homedir()
} catch {
  process.env.HOME = '/'
}

/** Beside those of the process. The documentation lists them in this order. */
const parts = [
  httpSettings,
  databaseSettings,
  ratesSettings,
  keyringSettings,
  issuerSettings,
  filesSettings,
  uploadSettings,
  signingKeysSettings,
  trustListSettings,
  accessLogSettings,
  exchangeSettings,
  providersSettings,
  applicationSettings,
] as const

/** What is not read from the environment. */
interface Chosen {
  timings: Timings
  /** The ports of a sandbox's registries, by code. Undefined if there are none, or before they are chosen. */
  registryPorts: Readonly<Record<string, number>> | undefined
  /** The port where a sandbox's authority publishes its revocation list. Undefined as above. */
  authorityPort: number | undefined
  /** The port of a sandbox's bank. Undefined as above. */
  bankPort: number | undefined
}
type PartsOf<Each> = AllOf<Each extends { part(...given: never[]): infer Part } ? (part: Part) => void : never>
export type Config = Readonly<ProcessConfig & PartsOf<(typeof parts)[number]> & Chosen>

/** The name in SANDBOX_ALLOWS. */
const exceptionOf = (name: string) => name.toLowerCase().replaceAll('_', '-')

const others: [string, Variable][] = parts.flatMap(({ variables }) => Object.entries<Variable>(variables))
const own = processSettings(
  Object.fromEntries(others.flatMap(([name, { exception }]) => (exception ? [[exceptionOf(name), exception]] : []))),
)
const all = [...Object.entries<Variable>(own.variables), ...others]
export const variables: Variables = Object.fromEntries(all)
const secrets = all.filter(([, { isSecret }]) => isSecret).map(([name]) => name)
const values = z.object(Object.fromEntries(all.map(([name, { value }]) => [name, value])))

/** Throws one line that names every invalid variable, what it must be and what it is. */
export function configFrom(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = withSecretsRead(withoutEmpty(environment))
  const { success, data, error } = values.safeParse(given)
  if (!success)
    throw new Error(error.issues.map((issue) => complaint(String(issue.path[0]), issue.message, given)).join('; '))
  const read = data as never // each part reads the variables that it declares
  const ofProcess = own.part(read, undefined as never) // it depends on nothing else
  const problems = [...own.problems(read, ofProcess), ...problemsOf(data, ofProcess)]
  const made = parts.map((part) => {
    problems.push(...part.problems(read, ofProcess))
    try {
      return part.part(read, ofProcess)
    } catch (error) {
      problems.push((error as Error).message)
      return {}
    }
  })
  if (problems.length > 0) throw new Error(problems.join('; '))
  const chosen: Chosen = {
    timings: usualTimings,
    registryPorts: undefined,
    authorityPort: undefined,
    bankPort: undefined,
  }
  return Object.freeze(Object.assign({}, ofProcess, ...made, chosen))
}

/** Variables that production lacks, or that leave a sandbox without an exception. */
function problemsOf(read: Record<string, unknown>, { mode, sandboxAllows }: ProcessConfig): string[] {
  if (mode === Mode.PRODUCTION)
    return all
      .filter(([name, { isRequired }]) => isRequired && read[name] === undefined)
      .map(([name, { isSecret }]) =>
        isSecret
          ? `${name} or ${name}_FILE must be set in production; neither is`
          : `${name} must be set in production; it is not`,
      )
  return all
    .filter(([name, { exception }]) => exception && read[name] && !sandboxAllows.includes(exceptionOf(name)))
    .map(([name]) => `${name} must not be set in a sandbox without SANDBOX_ALLOWS=${exceptionOf(name)}; it is`)
}

/** A line for each environment variable that looks like a misspelling of ours. */
export function misspelt(environment: NodeJS.ProcessEnv = process.env): string[] {
  const known = [...Object.keys(variables), ...secrets.map((name) => `${name}_FILE`)]
  return Object.keys(environment)
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((other) => isNear(name.toUpperCase(), other))
      return meant ? [`${name} is not a setting and is ignored; did you mean ${meant}?`] : []
    })
}

/** Short names resemble too many others. */
const isNear = (name: string, known: string) => name === known || (known.length >= 8 && distance(name, known) <= 2)

/** The environment of a child that gets its configuration another way: process listings show no secret. */
export const withoutSecrets = ({ ...environment } = process.env): NodeJS.ProcessEnv => {
  for (const name of secrets) for (const variable of [name, `${name}_FILE`]) delete environment[variable]
  return environment
}

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
  const isSecret = secrets.includes(name)
  return `${name} must be ${required}; ${isSecret ? 'the given value is not (it is kept out of logs)' : `got "${given[name]}"`}`
}
