import { z } from 'zod'
import { Mode } from '../../platform/installation.table.js'
import { settings } from '../../platform/settings.js'
import { keysHeldBy, signingKeysFrom } from './signingKeysFrom.js'

interface SigningKeysConfig {
  /** JSON. Undefined: those in `dataDir`, in a sandbox only. */
  signingKeys: string | undefined
}

export const signingKeysSettings = settings(
  {
    SIGNING_KEYS: {
      meaning:
        "The [signing keys](#signing-keys) of documents: JSON. With `ROLE=api`, agencies' entries must have no private key",
      default: 'a sandbox makes its own in `DATA_DIR/signing-keys`',
      value: z.string().optional(),
      isSecret: true,
      isRequired: true,
    },
  },
  ({ SIGNING_KEYS }, { mode, role }): SigningKeysConfig => {
    if (SIGNING_KEYS !== undefined)
      signingKeysFrom(SIGNING_KEYS, { isSandbox: mode === Mode.SANDBOX, keys: keysHeldBy(role) })
    return { signingKeys: SIGNING_KEYS }
  },
)
