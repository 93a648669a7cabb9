import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.js'
import { type ProvidersSettings, providersFrom } from '../../payments/checkout/providers.settings.js'
import { Mode } from '../../platform/installation.table.js'
import { secretIn } from '../../platform/secretFile.js'

/** The bank's code among providers. */
const bankCode = 'BANK'
/** Our name at the bank. */
export const merchant = 'pencere'

/** Whether a sandbox runs its own bank: if PAYMENT_PROVIDERS is not set. */
export const hasBank = ({ mode, paymentProviders }: Pick<Config, 'mode' | 'paymentProviders'>): boolean =>
  mode === Mode.SANDBOX && paymentProviders === undefined

export const bankAt = (port: number): string => `http://localhost:${port}`

/** Tells `npm run sandbox` where the bank is. */
export const bankPortFile = (dataDir: string): string => join(dataDir, 'bank.port')

/** For commands beside a sandbox. Undefined if it has no bank, or never ran. */
export const bankPortIn = (config: Pick<Config, 'mode' | 'paymentProviders' | 'dataDir'>): number | undefined => {
  const file = bankPortFile(config.dataDir)
  return hasBank(config) && existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}

/** Shared with the bank, created once. */
export const bankSecret = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  secretIn(dataDir, 'bank.secret', () => randomBytes(32).toString('hex'))

/** The connection to the bank. */
export const sandboxProviders = (config: Pick<Config, 'dataDir'>, port: number): ProvidersSettings =>
  providersFrom(
    JSON.stringify({
      [bankCode]: {
        url: bankAt(port),
        merchant,
        secret: bankSecret(config),
        methods: { CARD: ['AZN', 'USD'], INSTANT: ['AZN'] },
      },
    }),
  )
