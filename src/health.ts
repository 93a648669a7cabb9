import type { AddressInfo } from 'node:net'
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { agenciesWithoutSigningKey } from './catalogue/services/agenciesWithoutSigningKey.js'
import type { FileStore } from './documents/files/fileStore.js'
import type { Scanner } from './documents/uploads/scanner.js'
import { loggable } from './engine/errors.js'
import { beforeDeadline } from './engine/statement.js'
import { workerConnections } from './events/job.js'
import type { Database } from './platform/database.js'
import type { SigningKeys } from './shared/signingKeys.js'

/** Something outside the process that it needs. */
interface Dependency {
  name: string
  /** Whether the process is useless without it. Otherwise it is degraded. */
  isRequired?: true
  /** Throws, or returns one line about what is missing. Public, so it contains no addresses. */
  check(): Promise<string | undefined>
}

interface Health {
  log: Pick<FastifyBaseLogger, 'warn'>
  dependencies: readonly Dependency[]
  /** Milliseconds that a check may take. */
  patience?: number
}

/** Milliseconds for which a report is reused, so that frequent requests cost the dependencies nothing. */
const freshFor = 1_000

export function serveHealth(app: FastifyInstance, { dependencies, log, patience = 2_000 }: Health): void {
  let report: { made: ReturnType<typeof reportOn>; at: number } | undefined
  app.get('/livez', { logLevel: 'warn' }, () => ({ status: 'live' }))
  app.get('/readyz', { logLevel: 'warn' }, async (_request, reply) => {
    if (!report || Date.now() - report.at >= freshFor)
      report = { made: reportOn({ dependencies, log, patience }), at: Date.now() }
    const made = await report.made
    return reply.code(made.status === 'unavailable' ? 503 : 200).send(made)
  })
}

async function reportOn({ dependencies, log, patience }: Required<Health>) {
  const checked = await Promise.all(
    dependencies.map(async ({ name, isRequired = false, check }) => {
      const reason = await beforeDeadline(Date.now() + patience, check).catch((error) => {
        log.warn({ dependency: name, error: loggable(error) }, 'a dependency does not answer')
        return 'does not answer'
      })
      return { name, isRequired, reason }
    }),
  )
  const missing = checked.filter(({ reason }) => reason !== undefined)
  return {
    status: missing.length === 0 ? 'ready' : missing.some(({ isRequired }) => isRequired) ? 'unavailable' : 'degraded',
    dependencies: Object.fromEntries(
      checked.map(({ name, reason }) => [name, reason === undefined ? { status: 'up' } : { status: 'down', reason }]),
    ),
  }
}

export const databaseDependency = ({ client }: Pick<Database, 'client'>): Dependency => ({
  name: 'database',
  isRequired: true,
  check: async () => void (await client`select 1`),
})

/** Whether any worker is connected to the database. */
export const workerDependency = ({ client }: Pick<Database, 'client'>): Dependency => ({
  name: 'worker',
  async check() {
    const [worker] = await client`
      select from pg_stat_activity where application_name like ${`${workerConnections}%`} limit 1`
    return worker ? undefined : 'is not connected to the database'
  },
})

export const filesDependency = (files: FileStore): Dependency => ({
  name: 'files',
  check: async () => void (await files.check()),
})

export const scannerDependency = (scanner: Scanner): Dependency => ({
  name: 'scanner',
  check: async () => void (await scanner.check()),
})

export const signingKeysDependency = (database: Database, signingKeys: SigningKeys): Dependency => ({
  name: 'signingKeys',
  async check() {
    const missing = await agenciesWithoutSigningKey(database, signingKeys)
    return missing.length === 0 ? undefined : `are missing for ${missing.length} agencies with active services`
  },
})

/** The health endpoints of a process without other endpoints. */
export async function startHealth({
  host,
  port,
  ...health
}: Health & { host: string; port: number }): Promise<{ port: number; stop(): Promise<void> }> {
  const app = fastify({ forceCloseConnections: true })
  serveHealth(app, health)
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw new Error(`HOST and WORKER_PORT must name an address that is free; ${(error as Error).message}`)
  }
  return { port: (app.server.address() as AddressInfo).port, stop: () => app.close() }
}
