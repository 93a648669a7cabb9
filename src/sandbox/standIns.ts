import type { Config } from '../config.js'
import { Mode } from '../platform/installation.table.js'
import { freePorts } from './freePorts.js'
import { hasLogin, sandboxIssuer } from './issuer.js'
import { type RegistryPorts, registryCodes, sandboxExchange } from './registries.js'

/** Whether there are registries of our own to be asked: in a sandbox that was told of no others. */
export const hasRegistries = ({ mode, exchange }: Pick<Config, 'mode' | 'exchange'>): boolean =>
  mode === Mode.SANDBOX && exchange === undefined

/** Whether there is an authority of our own to say whose a signature is: in a sandbox that was told of no other. */
export const hasAuthority = ({ mode, trustList }: Pick<Config, 'mode' | 'trustList'>): boolean =>
  mode === Mode.SANDBOX && trustList === undefined

/** Whether anything stands in for the world outside. */
export const hasStandIns = (config: Config): boolean =>
  hasLogin(config) || hasRegistries(config) || hasAuthority(config)

/** Known before anything starts, so that who is started anew is found where it was. */
export async function withPorts(config: Config): Promise<Config> {
  const [login = 0, authority, ...others] = await freePorts(registryCodes.length + 2, [
    config.port,
    config.sandboxPort,
    config.workerPort,
  ])
  const ports = Object.fromEntries(registryCodes.map((code, at) => [code, others[at] as number]))
  const registryPorts = hasRegistries(config) ? ports : undefined
  const authorityPort = hasAuthority(config) ? authority : undefined
  return { ...config, sandboxPort: config.sandboxPort || login, registryPorts, authorityPort }
}

/** As those know it who use what stands in for the world outside; the login and the registries are each for itself. */
export const withStandIns = (config: Config): Config => ({
  ...config,
  ...(hasLogin(config) && { issuers: [sandboxIssuer(config)] }),
  ...(config.registryPorts && { exchange: sandboxExchange(portsOf(config.registryPorts)) }),
})

export function portsOf(ports: NonNullable<Config['registryPorts']>): RegistryPorts {
  const missing = registryCodes.filter((code) => !ports[code])
  if (missing.length > 0) throw new Error(`each registry must have a port; ${missing.join(', ')} has none`)
  return ports as RegistryPorts // all of them are there
}
