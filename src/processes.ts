import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyBaseLogger } from 'fastify'
import { type Config, withoutSecrets } from './config.js'
import { withoutAgencyKeys } from './documents/issued/signingKeysFrom.js'
import type { Database } from './platform/database.js'
import { reachDatabase } from './platform/withDatabase.js'

/** The processes of a server. No job delays a request, and sandbox stand-ins run apart from both. */
const roles = ['api', 'worker', 'sandbox'] as const
export type Role = (typeof roles)[number]

/** A child's report to its supervisor: started, or why not. */
export type ChildMessage = { begun: true; port?: number } | { failed: string }

interface Kept {
  /** The port, if the process listens. */
  begun: Promise<number | undefined>
  /** Resolves with a line of explanation when the process cannot be kept alive. */
  lost: Promise<string>
  tell(config: Config): void
  kill(): void
  /** Finishes work in progress, then stops. */
  stop(): Promise<void>
}

interface Surroundings {
  stopAsked: Promise<unknown>
  fail(line: string): void
  log: FastifyBaseLogger
  /** The configuration for sandbox stand-ins, including where people sign in, if there. */
  sandbox?: { config: Config; signInAt: string | undefined; prepare(database: Database): Promise<void> }
}

/**
 * The supervisor: owns the embedded PostgreSQL and restarts its children. They end when it ends, whatever the cause.
 */
export async function supervise(config: Config, { stopAsked, fail, log, sandbox }: Surroundings): Promise<void> {
  // They load their code while the database starts.
  const [api, worker] = [keep('api', config, log), keep('worker', config, log)]
  const standIns = sandbox && keep('sandbox', config, log)
  const children = [api, worker, ...(standIns ? [standIns] : [])]
  const [database, { linesOf, seed }] = await Promise.all([reachDatabase(config), import('./seed.js')])
  database.lost.then((line) => {
    for (const child of children) child.kill()
    fail(line)
  })
  try {
    for (const line of linesOf(await seed(database))) log.info(line)
    await sandbox?.prepare(database)
    await database.client.end({ timeout: 5 })
    // The owner's password stays here: children do not need it.
    const settings = { ...config, databaseUrl: database.url, migratorDatabaseUrl: undefined }
    worker.tell(settings)
    // It never receives the keys of agencies.
    api.tell({ ...settings, signingKeys: settings.signingKeys && withoutAgencyKeys(settings.signingKeys) })
    const lost = Promise.race(children.map((child) => child.lost)).then((line) => {
      throw new Error(line)
    })
    const begun = Promise.all([api.begun, worker.begun])
    begun.then(([port]) => {
      announce(config, port as number) // the API always listens
      // Only now, because loading would delay the others. Sandbox stand-ins never receive database credentials.
      if (sandbox) standIns?.tell({ ...sandbox.config, ...noWayIn, port: port as number })
    })
    standIns?.begun.then(() => sandbox?.signInAt && process.stdout.write(`Sign in: ${sandbox.signInAt}\n`))
    await Promise.race([stopAsked, lost])
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    await database.close()
  }
}

const noWayIn = {
  databaseUrl: undefined,
  migratorDatabaseUrl: undefined,
  keyring: undefined,
  valkeyUrl: undefined,
  exchange: undefined,
  paymentProviders: undefined,
  signingKeys: undefined,
  filesS3: undefined,
  clamd: undefined,
}

export function announce({ host }: Config, port: number): void {
  const shown = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  process.stdout.write(`Pəncərə is open: http://${shown}:${port}/graphql\n`)
}

/** In a child: its role and the configuration from its supervisor. Undefined otherwise. */
export function supervised(): { role: Role; config: Promise<Config> } | undefined {
  const role = roles.find((role) => role === process.argv[2])
  if (!role || !process.send) return undefined
  const config = once(process, 'message').then(([config]) => {
    // Keeps listening without keeping the process alive.
    process.channel?.unref()
    return config as Config
  })
  return { role, config }
}

const program = fileURLToPath(new URL('main.js', import.meta.url))
/** After such a short life the next start waits, longer each time. */
const shortLife = 1000
/** Gives up after this many failed starts in a row. */
const maxFailures = 6

function keep(role: Role, { requestTimeout, timings }: Config, log: FastifyBaseLogger): Kept {
  const begun = promised<number | undefined>()
  const lost = promised<string>()
  let config: Config | undefined
  let everBegun = false
  let stopping = false
  let failures = 0
  let shortLives = 0
  let child = begin()

  function begin(): ChildProcess | undefined {
    let since: number | undefined
    let reason: string | undefined
    const ended = (how: string, more: object = {}) => {
      if (stopping) return
      failures = since ? 0 : failures + 1
      shortLives = since && Date.now() - since > shortLife ? 0 : shortLives + 1
      if (!since && ((reason && !everBegun) || failures > maxFailures))
        return lost.settle(reason ?? `the ${role}: ${how}`)
      log.warn({ role, ...more, reason: reason ?? how }, 'ended; restarting')
      sleep(shortLives === 0 ? 0 : Math.min(100 * 2 ** shortLives, timings.longestRestartPause)).then(() => {
        if (!stopping) child = begin()
      })
    }
    // Thrown if memory is short, emitted if no process can be created: either may pass.
    const failed = (error: unknown) => ended(`it cannot be started: ${(error as Error).message}`)
    let next: ChildProcess
    try {
      next = fork(program, [role], { env: withoutSecrets() })
    } catch (error) {
      failed(error)
      return undefined
    }
    if (config) give(next, config)
    next.on('message', (message: ChildMessage) => {
      if ('failed' in message) reason = message.failed
      else {
        since = Date.now()
        everBegun = true
        // Clients reconnect to the same address.
        if (config && message.port) config = { ...config, port: message.port }
        begun.settle(message.port)
      }
    })
    const { pid } = next
    next.on('error', (error) => pid === undefined && failed(error))
    // Not 'exit': output may still arrive after it.
    next.on('close', (code, signal) => {
      if (pid !== undefined) ended(`it ended with ${signal ?? code}`, { child: pid, code, signal })
    })
    return next
  }

  function give(to: ChildProcess | undefined, known: Config): void {
    // The end of a dead process is already reported.
    if (to?.connected) to.send(known, () => {})
    // Failpoints only apply to the first process of a role.
    config = { ...known, failpoints: '' }
  }

  return {
    begun: begun.promise,
    lost: lost.promise,
    tell: (known) => give(child, known),
    kill() {
      stopping = true
      child?.kill('SIGKILL')
    },
    async stop() {
      stopping = true
      const living = child
      if (!living?.pid || living.exitCode !== null || living.signalCode !== null) return
      const ended = once(living, 'exit')
      living.kill('SIGTERM')
      const tooLong = setTimeout(() => living.kill('SIGKILL'), requestTimeout + 10_000)
      await ended
      clearTimeout(tooLong)
    },
  }
}

function promised<T>() {
  let settle: (value: T) => void = () => {}
  const promise = new Promise<T>((settled) => {
    settle = settled
  })
  return { promise, settle }
}
