import { afterAll } from 'vitest'
import { freePorts } from '../../src/sandbox/freePorts.js'
import { type RegistryCode, type RegistryPorts, registryCodes, sandboxExchange } from '../../src/sandbox/registries.js'
import { startRegistries } from '../../src/sandbox/registryServer.js'
import type { Trouble } from '../../src/sandbox/registryTrouble.js'

interface Options {
  now?: () => Date
  /** Milliseconds that a registry takes which is `slow`; 30 seconds, as in a sandbox, where nothing is said. */
  slowness?: number
}

/** The registries of a sandbox, for the tests of one file: all are up until something else is set. */
export async function registriesOfTest(options: Options = {}) {
  const found = await freePorts(registryCodes.length)
  // The cast: as many ports as there are codes.
  const ports = Object.fromEntries(registryCodes.map((code, at) => [code, found[at]])) as RegistryPorts
  const troubles = new Map<RegistryCode, Trouble>()
  const errors: unknown[] = []
  const { stop } = await startRegistries({
    ...{ ports, ...options, troubleOf: (code) => troubles.get(code) ?? 'up' },
    log: { info() {}, error: (...said: unknown[]) => void errors.push(said) } as never,
  })
  afterAll(stop)
  return {
    /** As a server is told of it. */
    exchange: sandboxExchange(ports),
    set: (code: RegistryCode, trouble: Trouble) => void troubles.set(code, trouble),
    allUp: () => troubles.clear(),
    ports,
    /** What the servers have logged. */
    errors,
  }
}
