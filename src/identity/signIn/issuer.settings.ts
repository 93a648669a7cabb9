import { z } from 'zod'
import { Mode } from '../../platform/installation.table.js'
import { settings } from '../../platform/settings.js'
import { type Issuer, issuersFrom, sandboxAudience } from './issuer.js'

interface IssuerConfig {
  /** The issuers that sign people in. Defaults to the sandbox login. */
  issuers: readonly Issuer[]
}

export const issuerSettings = settings(
  {
    ISSUERS: {
      meaning: 'The issuers that sign people in, and for whom each may speak: JSON, see [signing in](signing-in.md)',
      default: "a sandbox's own login",
      value: z.string().optional(),
      isSecret: true,
      isRequired: true,
    },
  },
  ({ ISSUERS }, { mode }): IssuerConfig => {
    const issuers = ISSUERS === undefined ? [] : issuersFrom(ISSUERS)
    if (mode === Mode.PRODUCTION && issuers.some(({ audience }) => audience === sandboxAudience))
      throw new Error(`ISSUERS must not accept tokens of a sandbox in production; got the audience ${sandboxAudience}`)
    return { issuers }
  },
)
