import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { type Config, misspelt } from './config.js'
import { refuseUnwritable } from './documents/files/localFiles.js'
import { openFiles } from './documents/files/openFiles.js'
import { keysHeldBy, signingKeysFrom } from './documents/issued/signingKeysFrom.js'
import { verificationAt } from './documents/issued/verifyPage.js'
import { scannerOf } from './documents/uploads/scanner.js'
import { unhandledTo } from './engine/errors.js'
import { armFailpoints } from './engine/failpoint.js'
import { type Database, openDatabase, reasonOf } from './platform/database.js'
import { admitKeyring } from './platform/installation.js'
import { Mode } from './platform/installation.table.js'
import type { Keyring } from './platform/keyring.js'
import { keyringOf } from './platform/keyringFile.js'
import { optionsOf, reachDatabase } from './platform/withDatabase.js'
import { announce, type ChildMessage, type Role, supervise, supervised } from './processes.js'
import { bankTroubleOf } from './sandbox/bank/bankTrouble.js'
import { bankSecret, merchant } from './sandbox/bank/provider.js'
import { clockOf } from './sandbox/clock.js'
import { hasLogin, loginAt } from './sandbox/issuer.js'
import { troubleOf } from './sandbox/registryTrouble.js'
import { seedPersonas } from './sandbox/seedPersonas.js'
import { sandboxSigningKeys } from './sandbox/signingKeys.js'
import { hasStandIns, portsOf, withPorts, withStandIns } from './sandbox/standIns.js'
import { unconnected } from './shared/exchange.js'
import type { SigningKeys } from './shared/signingKeys.js'

// Registered first, because an interrupted start would leave PostgreSQL behind. on(), because npm forwards Ctrl-C a
// second time.
const stopAsked = new Promise<undefined>((settle) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => settle(undefined))
  // In a child: the supervisor has ended.
  process.on('disconnect', () => settle(undefined))
})

interface Parts {
  config: Config
  database: Database
  keyring: Keyring
  signingKeys: SigningKeys
  now: () => Date
  log: FastifyBaseLogger
}
interface Running {
  port?: number
  stop(): Promise<void>
}

/** A process only loads the code of its own role. */
const load: Record<Exclude<Role, 'sandbox'>, () => Promise<(parts: Parts) => Promise<Running>>> = {
  api: async () => {
    const [{ startApi }, trust] = await Promise.all([import('./api.js'), loadTrust()])
    return ({ config, database, keyring, signingKeys, now, log }) =>
      startApi({ config, database, keyring, signingKeys, now, trust: trust(config, log) })
  },
  worker: async () => {
    const [
      { startWorker },
      { jobsOf, recurringOf },
      health,
      { agenciesWithoutSigningKey },
      { openExchange },
      { openProviders },
      trust,
    ] = await Promise.all([
      import('./worker.js'),
      import('./domains.js'),
      import('./health.js'),
      import('./catalogue/services/agenciesWithoutSigningKey.js'),
      import('./exchange/registries/openExchange.js'),
      import('./payments/checkout/openProviders.js'),
      loadTrust(),
    ])
    return async (parts) => {
      const files = openFiles(parts.config)
      const scanner = scannerOf(parts.config.clamd)
      const { config, database, signingKeys, now, log } = parts
      const exchange = config.exchange ? openExchange(config.exchange, { now, log }) : unconnected
      const providers = openProviders(config.paymentProviders, { now, log })
      const tools = {
        files,
        providers,
        scanner,
        verifyAt: verificationAt(config),
        accessLogDir: config.accessLogDir,
        trust: trust(config, log),
        timings: config.timings,
      }
      const dependencies = [
        health.databaseDependency(database),
        health.filesDependency(files),
        health.scannerDependency(scanner),
        health.signingKeysDependency(database, signingKeys),
      ]
      const probes = await health.startHealth({ host: config.host, port: config.workerPort, dependencies, log })
      const agencies = await agenciesWithoutSigningKey(database, signingKeys)
      if (agencies.length > 0)
        log.warn({ agencies }, 'these agencies have no signing key: their decisions cannot be signed')
      const worker = startWorker({ ...parts, exchange, jobs: jobsOf(tools), recurring: recurringOf(tools) })
      const stop = async () => {
        await Promise.all([worker.stop(), probes.stop()])
        files.close()
        await Promise.all([exchange.close(), providers.close()])
      }
      return { stop }
    }
  },
}

/** Trusts the sandbox's own authority, or else the trust list of the configuration. */
async function loadTrust() {
  const [{ trustOfSandbox }, { trustOf }] = await Promise.all([import('./sandbox/trust.js'), import('./trust.js')])
  return (config: Config, log: FastifyBaseLogger) =>
    config.authorityPort === undefined ? trustOf(config, log) : trustOfSandbox(config, { log, timings: config.timings })
}

const child = supervised()

async function main(readConfig: () => Config): Promise<void> {
  if (child) return await runChild(child)
  const config = readConfig()
  const log = logOf(config)
  for (const line of misspelt()) log.warn(line)
  if (config.role === 'all' && hasStandIns(config)) return await superviseSandbox(config, log)
  if (config.role === 'all') return await supervise(config, { stopAsked, fail, log })
  const [database, { linesOf, seed }] = await Promise.all([reachDatabase(config), import('./seed.js')])
  for (const line of linesOf(await seed(database))) log.info(line)
  await run(config.role, { config, database, log }, (port) => port && announce(config, port))
}

/** Adds people and their login, registries, and an authority that certifies signers. */
async function superviseSandbox(given: Config, log: FastifyBaseLogger): Promise<void> {
  const config = await withPorts(given)
  const prepare = async (database: Database) => {
    if (hasLogin(config) && (await seedPersonas(database, keyringOf(config), config)))
      log.info('personas: created or updated')
  }
  const signInAt = hasLogin(config) ? `${loginAt(config)}/` : undefined
  await supervise(withStandIns(config), { stopAsked, fail, log, sandbox: { config, signInAt, prepare } })
}

/** The supervisor has migrated the database, and waits for the report. */
async function runChild({ role, config: given }: NonNullable<ReturnType<typeof supervised>>): Promise<void> {
  // Sandbox stand-ins wait until the others have started.
  const loaded = role === 'sandbox' ? undefined : load[role]()
  loaded?.catch(() => {}) // reported below, where the supervisor receives it
  const config = await Promise.race([given, stopAsked])
  if (!config) return
  if (role === 'sandbox') return await runStandIns(config)
  await loaded
  // The cast: a supervisor sends its children the database.
  const database = await openDatabase(config.databaseUrl as string, optionsOf(config))
  // After a restart, the keyring may have a new current key.
  await admitKeyring(database, keyringOf(config))
  await run(role, { config, database, log: logOf(config) }, (port) => tell({ begun: true, port }))
}

async function runStandIns(config: Config): Promise<void> {
  const { dataDir, registryPorts, authorityPort: port, bankPort } = config
  const log = logOf(config)
  const running = await Promise.all([
    hasLogin(config) ? import('./sandbox/login.js').then(({ startLogin }) => startLogin({ config, log })) : undefined,
    hasLogin(config)
      ? import('./sandbox/taxProgram.js').then(({ startTaxProgram, askAsTaxProgram, taxProgramTroubleOf }) =>
          startTaxProgram({ ask: askAsTaxProgram(config), troubleOf: () => taxProgramTroubleOf(dataDir), log }),
        )
      : undefined,
    registryPorts
      ? Promise.all([import('./sandbox/registryServer.js'), import('./sandbox/finePayments.js')]).then(
          ([{ startRegistries }, { finePaymentsIn }]) =>
            startRegistries({
              ports: portsOf(registryPorts),
              troubleOf: (code) => troubleOf(dataDir, code),
              finePayments: finePaymentsIn(dataDir),
              log,
            }),
        )
      : undefined,
    port === undefined
      ? undefined
      : import('./sandbox/authorityServer.js').then(({ startAuthority }) => startAuthority({ dataDir, port, log })),
    bankPort === undefined
      ? undefined
      : import('./sandbox/bank/bankServer.js').then(({ startBank }) =>
          startBank({
            dataDir,
            port: bankPort,
            merchant,
            secret: bankSecret(config),
            now: clockOf(config),
            troubleOf: () => bankTroubleOf(dataDir),
            log,
          }),
        ),
  ])
  tell({ begun: true })
  await stopAsked
  await Promise.all(running.map((one) => one?.stop()))
}

async function run(
  role: keyof typeof load,
  parts: Omit<Parts, 'keyring' | 'signingKeys' | 'now'>,
  begun: (port?: number) => void,
): Promise<void> {
  const { config, database } = parts
  try {
    armFailpoints(config.failpoints)
    if (!config.filesS3) refuseUnwritable(config.filesDir)
    const begin = await load[role]()
    const running = await begin({
      ...parts,
      keyring: keyringOf(config),
      signingKeys: signingKeysOf(config, role),
      now: clockOf(config),
    })
    begun(running.port)
    await stopAsked
    await running.stop()
  } finally {
    await database.close()
  }
}

/** The configured keys, or a sandbox's own. */
function signingKeysOf({ signingKeys, mode, dataDir }: Config, role: keyof typeof load): SigningKeys {
  const keys = keysHeldBy(role)
  return signingKeys === undefined
    ? sandboxSigningKeys(dataDir, { keys })
    : signingKeysFrom(signingKeys, { isSandbox: mode === Mode.SANDBOX, keys })
}

function logOf({ logLevel }: Config): FastifyBaseLogger {
  const log = pino({ level: logLevel })
  process.on('unhandledRejection', unhandledTo(log))
  return log
}

/** Without a supervisor, nobody receives the report. */
const tell = (message: ChildMessage, then: () => void = () => {}) => process.send?.(message, undefined, {}, then)

/** One line for whoever starts the server, without a stack. The supervisor prints a child's line. */
function fail(error: unknown): void {
  const end = () => process.exit(1)
  if (child) return void tell({ failed: reasonOf(error) }, end)
  process.stderr.write(`pencere: ${reasonOf(error)}\n`)
  end()
}

/** Runs the server until it is told to stop, then exits. */
export function startProcess(readConfig: () => Config): void {
  // An unhandled rejection of the driver would end the process without a message.
  process.once('beforeExit', () => fail(new Error('the start ended early: nothing was left to wait for')))
  main(readConfig).then(() => process.exit(0), fail)
}
