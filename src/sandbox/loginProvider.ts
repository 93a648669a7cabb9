import { randomBytes } from 'node:crypto'
import type { Configuration, KoaContextWithOIDC, Provider as OidcProvider } from 'oidc-provider'
import type { Config } from '../config.js'
import { sandboxAudience } from '../identity/signIn/issuer.js'
import { Assurance } from '../shared/assurance.table.js'
import { interactionPolicy, Provider } from '../shared/oidcProvider.js'
import { clientId, loginAt } from './issuer.js'
import { type LoginKey, loginKeyOf } from './loginKey.js'
import { memory } from './memory.js'
import { acrOf, claimsOf, type Persona } from './personas.js'

type ShowFault = NonNullable<Configuration['renderError']>

/** An OpenID Connect issuer: discovery, keys, code with PKCE, and access tokens by RFC 9068. */
export function loginProvider(
  config: Pick<Config, 'dataDir' | 'sandboxPort' | 'timings'>,
  personas: readonly Persona[],
  renderError: ShowFault,
): OidcProvider {
  const key = loginKeyOf(config)
  const provider = new Provider(loginAt(config), {
    ...issuing(personas, key, config.timings.tokenLifetime / 1000),
    ...signingIn,
    adapter: memory(),
    jwks: { keys: [{ ...key }] },
    renderError,
  })
  // It redirects to this machine only, and everything on this machine belongs to the sandbox.
  provider.Client.prototype.redirectUriAllowed = isOnThisMachine
  provider.use(forgetSession)
  return provider
}

const alg = 'ES256'
/** The only scope: the persona decides what the caller may do. */
const scope = 'openid'

/** `lifetime` in seconds. */
const issuing = (personas: readonly Persona[], { kid }: LoginKey, lifetime: number): Configuration => {
  const claimsFor = (name: string) => {
    const persona = personas.find((persona) => persona.name === name)
    return persona && claimsOf(persona)
  }
  return {
    scopes: [scope],
    claims: { openid: ['sub', 'name', 'birthdate', 'subject_type', 'fin', 'document_country', 'document_number'] },
    conformIdTokenClaims: false, // a frontend has no other place to read a name
    enabledJWA: { idTokenSigningAlgValues: [alg] },
    acrValues: Object.values(Assurance).map(acrOf),
    ttl: {
      AccessToken: lifetime,
      IdToken: lifetime,
      AuthorizationCode: 60,
      Interaction: lifetime,
      Session: lifetime,
      Grant: lifetime,
    },
    findAccount: (_ctx, name) => {
      const claims = claimsFor(name)
      return claims && { accountId: name, claims: () => ({ ...claims }) }
    },
    extraTokenClaims(ctx, token) {
      const { sub, ...claims } = { sub: undefined, ...('accountId' in token && claimsFor(token.accountId)) }
      return { ...claims, auth_time: ctx.oidc.entities.AuthorizationCode?.authTime }
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false }, // each sign-in asks again, so there is nothing to sign out of
      userinfo: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => sandboxAudience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope,
          audience: sandboxAudience,
          accessTokenTTL: lifetime,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg, kid } },
        }),
      },
    },
  }
}

const signingIn: Configuration = {
  clients: [
    {
      client_id: clientId,
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: alg,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: ['http://localhost'],
    },
  ],
  responseTypes: ['code'],
  clientAuthMethods: ['none'],
  pkce: { required: () => true },
  clientBasedCORS: (_ctx, origin) => isOnThisMachine(origin),
  // A sign-in lasts minutes, and no session outlives it.
  cookies: { keys: [randomBytes(32).toString('hex')] },
  interactions: { policy: withoutConsent(), url: (_ctx, { uid }) => `/login/${uid}` },
  loadExistingGrant: grantAll,
}

/** Personas are not real, so there is nothing to consent to. */
function withoutConsent() {
  const policy = interactionPolicy.base()
  policy.remove('consent')
  return policy
}

/** Each sign-in asks for a persona: one developer is many people in one browser. */
async function forgetSession({ path, req: { headers } }: KoaContextWithOIDC, next: () => Promise<void>) {
  if (path.startsWith('/auth'))
    headers.cookie = headers.cookie
      ?.split('; ')
      .filter((cookie) => !cookie.startsWith('_session'))
      .join('; ')
  await next()
}

async function grantAll({ oidc }: KoaContextWithOIDC) {
  const grant = new oidc.provider.Grant({ accountId: oidc.session?.accountId, clientId: oidc.client?.clientId })
  grant.addOIDCScope(scope)
  grant.addResourceScope(sandboxAudience, scope)
  await grant.save()
  return grant
}

function isOnThisMachine(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, hash, username } = new URL(address)
  return protocol === 'http:' && !hash && !username && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
