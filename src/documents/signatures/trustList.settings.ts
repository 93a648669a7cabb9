import { z } from 'zod'
import { Mode } from '../../platform/installation.table.js'
import { settings } from '../../platform/settings.js'
import { trustListFrom } from './trustList.js'

interface TrustListConfig {
  /** JSON: the trusted certificate authorities. Undefined: none; in a sandbox its own. */
  trustList: string | undefined
}

export const trustListSettings = settings(
  {
    TRUST_LIST: {
      meaning:
        'The certificate authorities whose [signatures](signatures.md#trust-list) are accepted: JSON. Without it, a ' +
        'production cannot accept applications that must be signed, and logs so at the start',
      default: "a sandbox's own authority; none in production",
      value: z.string().optional(),
      isSecret: true,
    },
  },
  ({ TRUST_LIST }, { mode }): TrustListConfig => {
    if (TRUST_LIST !== undefined) trustListFrom(TRUST_LIST, { isSandbox: mode === Mode.SANDBOX })
    return { trustList: TRUST_LIST }
  },
)
