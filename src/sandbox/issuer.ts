import type { Config } from '../config.js'
import { SubjectKind } from '../identity/parties/identity.table.js'
import { type Issuer, issuersFrom, sandboxAudience } from '../identity/signIn/issuer.js'
import { Mode } from '../platform/installation.table.js'
import { Assurance } from '../shared/assurance.table.js'
import { acrOf } from './personas.js'

/** The one client id for all frontends. */
export const clientId = 'sandbox'

/** Whether people sign in at our own login: in a sandbox without ISSUERS. */
export const hasLogin = ({ mode, issuers }: Pick<Config, 'mode' | 'issuers'>): boolean =>
  mode === Mode.SANDBOX && issuers.length === 0

export const loginAt = ({ sandboxPort }: Pick<Config, 'sandboxPort'>): string => `http://localhost:${sandboxPort}`

/** The login as the API knows it, with full trust. */
export function sandboxIssuer(config: Pick<Config, 'sandboxPort'>): Issuer {
  const issuer = loginAt(config)
  const acr = Object.fromEntries(Object.values(Assurance).map((assurance) => [acrOf(assurance), assurance]))
  const [read] = issuersFrom(
    JSON.stringify([
      {
        issuer,
        audience: sandboxAudience,
        jwksUri: `${issuer}/jwks`,
        signInAt: `${issuer}/`,
        subjects: Object.values(SubjectKind),
        acr,
        highestAssurance: Assurance.HIGH,
        longestLifetime: 3600,
      },
    ]),
  )
  return read as Issuer // it was valid when written
}
