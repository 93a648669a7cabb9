import { z } from 'zod'
import { settings } from './settings.js'

export interface KeyringConfig {
  /** JSON. Undefined: the file in `dataDir`, in a sandbox only. */
  keyring: string | undefined
}

export const keyringSettings = settings(
  {
    KEYRING: {
      meaning: 'The [keys](#keys) that encrypt personal data. `npm run --silent keys -- generate` prints one',
      default: 'a sandbox makes one in `DATA_DIR/keyring.json`',
      value: z.string().optional(),
      isSecret: true,
      isRequired: true,
    },
  },
  (read): KeyringConfig => ({ keyring: read.KEYRING }),
)
