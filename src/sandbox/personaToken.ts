import { randomUUID } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'
import type { Config } from '../config.js'
import { sandboxAudience } from '../identity/signIn/issuer.js'
import { clientId, loginAt } from './issuer.js'
import { loginKeyOf } from './loginKey.js'
import { claimsOf, type Persona } from './personas.js'

/** An access token as the login issues it after a sign-in. */
export async function personaToken(
  config: Pick<Config, 'dataDir' | 'sandboxPort' | 'timings'>,
  persona: Persona,
): Promise<string> {
  const key = loginKeyOf(config)
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: loginAt(config), aud: sandboxAudience, client_id: clientId, scope: 'openid', jti: randomUUID() }
  return await new SignJWT({
    ...claimsOf(persona),
    ...claims,
    auth_time: now,
    iat: now,
    exp: now + config.timings.tokenLifetime / 1000,
  })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt' })
    .sign(await importJWK({ ...key }, key.alg))
}
