import { afterAll } from 'vitest'
import { finePaymentsIn } from '../../src/sandbox/finePayments.js'
import { freePorts } from '../../src/sandbox/freePorts.js'
import { type RegistryCode, type RegistryPorts, registryCodes, sandboxExchange } from '../../src/sandbox/registries.js'
import { startRegistries } from '../../src/sandbox/registryServer.js'
import type { Trouble } from '../../src/sandbox/registryTrouble.js'
import { folderOfTest } from './folder.js'

interface Options {
  now?: () => Date
  /** Milliseconds that a `slow` registry takes. Defaults to 30 seconds, as in a sandbox. */
  slowness?: number
  /** Where the traffic registry keeps payments of fines. Defaults to a folder of the file. */
  dataDir?: string
}

/** The registries of a sandbox for the tests of one file. All are up until a test sets something else. */
export async function registriesOfTest({ dataDir = folderOfTest(), ...options }: Options = {}) {
  const found = await freePorts(registryCodes.length)
  // The cast: as many ports as there are codes.
  const ports = Object.fromEntries(registryCodes.map((code, at) => [code, found[at]])) as RegistryPorts
  const troubles = new Map<RegistryCode, Trouble>()
  const errors: unknown[] = []
  const { stop } = await startRegistries({
    ports,
    ...options,
    finePayments: finePaymentsIn(dataDir),
    troubleOf: (code) => troubles.get(code) ?? 'up',
    log: { info() {}, error: (...said: unknown[]) => void errors.push(said) } as never,
  })
  afterAll(stop)
  return {
    /** The settings with which a server asks them. */
    exchange: sandboxExchange(ports),
    set: (code: RegistryCode, trouble: Trouble) => void troubles.set(code, trouble),
    allUp: () => troubles.clear(),
    ports,
    /** Errors that the servers logged. */
    errors,
  }
}
