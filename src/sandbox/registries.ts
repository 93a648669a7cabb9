import { type ExchangeSettings, exchangeFrom } from '../exchange/registries/exchange.settings.js'
import type { Records } from './registriesFile.js'

export type RegistryCode = keyof Records

interface Registry {
  /** Its name in `npm run sandbox`, and its X-Road subsystem. */
  name: string
  /** The agency that maintains it. */
  member: string
  service: string
}

/** A sandbox's own registries, by their codes in the catalogue of agencies. */
export const registries: Record<RegistryCode, Registry> = {
  POPULATION: { name: 'population', member: 'DIN', service: 'persons' },
  COMMERCIAL: { name: 'companies', member: 'DVX', service: 'companies' },
  FINES: { name: 'traffic', member: 'BDYPI', service: 'fines' },
  REALESTATE: { name: 'property', member: 'EMDX', service: 'titles' },
  MEIS: { name: 'social-insurance', member: 'EESMN', service: 'insurance' },
  IAMAS: { name: 'border', member: 'DIN', service: 'border' },
  AVIS: { name: 'tax', member: 'DVX', service: 'debts' },
  CIVIL: { name: 'civil-status', member: 'EDLIYYE', service: 'acts' },
}
// The cast: an object has the keys it was written with.
export const registryCodes = Object.keys(registries) as RegistryCode[]

const instance = 'SANDBOX'
/** Our X-Road identity. */
export const sandboxClient = `${instance}/GOV/EHIM/pencere`
export const systemOf = (code: RegistryCode): string =>
  `${instance}/GOV/${registries[code].member}/${registries[code].name}`

export type RegistryPorts = Record<RegistryCode, number>
export const addressOf = (port: number): string => `http://127.0.0.1:${port}`

/** The connection to a sandbox's registries. */
export const sandboxExchange = (ports: RegistryPorts): ExchangeSettings =>
  exchangeFrom(
    JSON.stringify({
      client: sandboxClient,
      registries: Object.fromEntries(
        registryCodes.map((code) => [
          code,
          { system: systemOf(code), securityServer: { url: addressOf(ports[code]) } },
        ]),
      ),
    }),
  )
