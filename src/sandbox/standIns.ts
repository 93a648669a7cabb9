import type { Config } from '../config.js'
import { Mode } from '../platform/installation.table.js'
import { hasBank, sandboxProviders } from './bank/provider.js'
import { freePorts, isFree } from './freePorts.js'
import { hasLogin, sandboxIssuer } from './issuer.js'
import { type RegistryPorts, registryCodes, sandboxExchange } from './registries.js'

/** Whether a sandbox runs its own registries: if EXCHANGE is not set. */
export const hasRegistries = ({ mode, exchange }: Pick<Config, 'mode' | 'exchange'>): boolean =>
  mode === Mode.SANDBOX && exchange === undefined

/** Whether a sandbox runs its own certificate authority: if TRUST_LIST is not set. */
export const hasAuthority = ({ mode, trustList }: Pick<Config, 'mode' | 'trustList'>): boolean =>
  mode === Mode.SANDBOX && trustList === undefined

/** Whether any sandbox stand-in runs. */
export const hasStandIns = (config: Config): boolean =>
  hasLogin(config) || hasRegistries(config) || hasAuthority(config) || hasBank(config)

/** Ports are chosen before anything starts, so that a restarted process keeps its port. */
export async function withPorts(config: Config): Promise<Config> {
  const taken = [config.port, config.sandboxPort, config.workerPort]
  const [login = 0, authority, bank, ...others] = await freePorts(registryCodes.length + 3, taken)
  const ports = Object.fromEntries(registryCodes.map((code, at) => [code, others[at] as number]))
  const registryPorts = hasRegistries(config) ? ports : undefined
  const authorityPort = hasAuthority(config) ? authority : undefined
  const bankPort = hasBank(config) ? ((await portBesideOthers(taken)) ?? bank) : undefined
  return { ...config, sandboxPort: config.sandboxPort || login, registryPorts, authorityPort, bankPort }
}

/** The port after those of the server, if it is free: payers find the page that they left open after a restart. */
async function portBesideOthers(others: readonly number[]): Promise<number | undefined> {
  const port = Math.max(...others) + 1
  return !others.includes(0) && port <= 65_535 && (await isFree(port)) ? port : undefined
}

/** The stand-ins' addresses, for their users. Login and registries are independent of each other. */
export const withStandIns = (config: Config): Config => ({
  ...config,
  ...(hasLogin(config) && { issuers: [sandboxIssuer(config)] }),
  ...(config.bankPort && { paymentProviders: sandboxProviders(config, config.bankPort) }),
  ...(config.registryPorts && { exchange: sandboxExchange(portsOf(config.registryPorts)) }),
})

export function portsOf(ports: NonNullable<Config['registryPorts']>): RegistryPorts {
  const missing = registryCodes.filter((code) => !ports[code])
  if (missing.length > 0) throw new Error(`each registry must have a port; ${missing.join(', ')} has none`)
  return ports as RegistryPorts // all of them are present
}
