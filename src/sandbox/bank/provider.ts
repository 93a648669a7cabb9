import { randomBytes } from 'node:crypto'
import type { Config } from '../../config.js'
import { Mode } from '../../platform/installation.table.js'
import { secretIn } from '../../platform/secretFile.js'

/** Our name at the bank. */
export const merchant = 'pencere'

/** Whether a sandbox runs its own bank. */
export const hasBank = ({ mode }: Pick<Config, 'mode'>): boolean => mode === Mode.SANDBOX

export const bankAt = (port: number): string => `http://localhost:${port}`

/** Shared with the bank, created once. */
export const bankSecret = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  secretIn(dataDir, 'bank.secret', () => randomBytes(32).toString('hex'))

/** The bank as its client needs it. */
export const sandboxProvider = (config: Pick<Config, 'dataDir'>, port: number) => ({
  url: bankAt(port),
  merchant,
  secret: bankSecret(config),
})
