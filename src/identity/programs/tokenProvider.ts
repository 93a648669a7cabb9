import { AsyncLocalStorage } from 'node:async_hooks'
import { generateKeyPairSync, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Client, KoaContextWithOIDC, Provider as OidcProvider, TokenEndpointGrantContext } from 'oidc-provider'
import { loggable, translated } from '../../engine/errors.js'
import { tryAgain } from '../../engine/rates.js'
import type { Database } from '../../platform/database.js'
import type { openRates } from '../../platform/rates.js'
import type { Timings } from '../../platform/timings.js'
import { allProgramScopes } from '../../shared/context.js'
import { errors, Provider } from '../../shared/oidcProvider.js'
import { assertionAlgorithms, assertionFault, clockTolerance } from './assertion.rules.js'
import { formerSecret, storeOf } from './oauthStore.js'
import { digestOf } from './secret.js'

interface Parts {
  issuer: string
  /** The path of the token endpoint. */
  path: string
  timings: Timings
  database: Database
  now: () => Date
  counters: Pick<ReturnType<typeof openRates>, 'secrets' | 'refusedSecret'>
  log: Log
}
interface Log {
  warn(what: object, message: string): void
  error(what: object, message: string): void
}

/** The parts of a request that are used. oidc-provider gets no other header, and `Host` comes from the configuration. */
export interface TokenRequest {
  headers: Record<'authorization' | 'content-type', string | undefined>
  body: Buffer
  /** ID of the request in the log. */
  id: string
  log: Log
  /** Checked against the networks of the program. */
  ip: string
  /** Counted for rates. */
  address: string
}
const currentRequest = new AsyncLocalStorage<TokenRequest>()
const tokenRequest = () => currentRequest.getStore() as TokenRequest // everything below runs while a request is answered

/** Issues tokens to programs. Loads oidc-provider, which takes a tenth of a second or more. */
export function tokenProvider({ issuer, path, timings, database, now, counters, log }: Parts) {
  const endpoint = `${issuer}${path}`
  const provider = new Provider(issuer, {
    adapter: storeOf({ database, now, addressOfProgram: () => tokenRequest().ip }),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: [...assertionAlgorithms] },
    extraClientMetadata: { properties: [formerSecret] },
    scopes: [...allProgramScopes],
    ttl: { ClientCredentials: timings.programTokenLifetime / 1000 },
    formats: { bitsOfOpaqueRandomness: 256 },
    clockTolerance,
    routes: { token: path },
    ...clientCredentialsOnly,
    assertJwtClientAuthClaimsAndHeader(_ctx, claims) {
      const fault = assertionFault(claims, [issuer, endpoint], Date.now() / 1000)
      if (fault) throw new errors.InvalidClientAuth(fault)
    },
  })
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set([issuer, endpoint])
  provider.Client.prototype.compareClientSecret = async function (this: Client, secret: string) {
    return await isSecretOf(this, secret, counters)
  }
  provider.registerGrantType('client_credentials', issueToken(provider, { database, now, timings }), ['scope'])
  provider.use(withoutCorsHeaders)
  provider.on('grant.error', logRefusal).on('server_error', failed)
  // Errors of Koa, for example when a client disconnects. The types list only events of oidc-provider.
  const koa: NodeJS.EventEmitter = provider
  koa.on('error', (error) => log.error({ error: loggable(error) }, 'could not issue a token'))
  const serve = provider.callback()
  return (request: TokenRequest, response: ServerResponse) =>
    currentRequest.run(request, () => serve(messageOf(request, endpoint), response))
}

/** Turns every other feature of oidc-provider off. It requires a key for ID tokens, although none are issued. */
const clientCredentialsOnly = {
  responseTypes: [],
  clientDefaults: { id_token_signed_response_alg: 'ES256' as const },
  jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as never] },
  features: {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    resourceIndicators: { enabled: false },
    dPoP: { enabled: false },
  },
}

/** The body has already been read, within its limits. */
function messageOf({ headers, body }: TokenRequest, endpoint: string): IncomingMessage {
  const { host, pathname } = new URL(endpoint)
  const all = Object.entries({ ...headers, accept: 'application/json', host, 'content-length': String(body.length) })
  const message = Readable.from(body.length > 0 ? [body] : [])
  return Object.assign(message, {
    method: 'POST',
    url: pathname,
    headers: Object.fromEntries(all.filter(([, value]) => value !== undefined)),
    socket: {},
  }) as never // Koa reads nothing else
}

/** CORS is configured for the whole API. oidc-provider would allow every origin. */
async function withoutCorsHeaders(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  const isAllowed = ctx.res.hasHeader('access-control-allow-origin')
  await next()
  if (isAllowed) return
  ctx.remove('access-control-allow-origin')
  ctx.remove('access-control-expose-headers')
}

type Counters = Parts['counters']
/** Two secrets may be valid for a while. The previous one counts only until it expires. */
async function isSecretOf(client: Client, secret: string, counters: Counters): Promise<boolean> {
  const counted = `${client.clientId} ${tokenRequest().address}`
  throwIfExceeded(await counters.secrets(counted))
  const digest = Buffer.from(digestOf(secret))
  const isGood = [client.clientSecret, client[formerSecret]]
    .map((hash) => typeof hash === 'string' && timingSafeEqual(digest, Buffer.from(hash)))
    .includes(true)
  if (!isGood) throwIfExceeded(await counters.refusedSecret(counted))
  return isGood
}

function throwIfExceeded(retryAfter: number): void {
  if (retryAfter === 0) return
  Provider.ctx?.set('retry-after', String(retryAfter))
  throw Object.assign(new errors.OIDCProviderError(429, 'temporarily_unavailable'), {
    error_description: `Too many secrets of this program were refused. ${tryAgain(retryAfter)}`,
  })
}

/** Without `scope`, grants all scopes of the program. The grant of oidc-provider would grant none. */
const issueToken =
  (provider: OidcProvider, { database: { client: db }, now, timings }: Pick<Parts, 'database' | 'now' | 'timings'>) =>
  async (ctx: TokenEndpointGrantContext<{ scope?: string }>): Promise<void> => {
    const { client, params } = ctx.oidc
    const registered = (client.scope ?? '').split(' ')
    const requested = new Set(params.scope?.split(' ').filter(Boolean))
    const missing = [...requested].filter((scope) => !registered.includes(scope))
    if (missing.length > 0)
      throw new errors.InvalidScope('the program was registered with other scopes', missing.join(' ').slice(0, 200))
    const scope = (requested.size > 0 ? [...requested] : registered).join(' ')
    const token = new provider.ClientCredentials({ client, scope } as never) // its type lacks the constructor
    const value = await token.save()
    const at = now()
    const before = new Date(at.getTime() - timings.programUseInterval)
    await db`
      update programs set last_used_at = ${at.toISOString()}::timestamptz where id = ${client.clientId}
        and (last_used_at is null or last_used_at <= ${before.toISOString()}::timestamptz)`
    ctx.body = { access_token: value, expires_in: token.expiration, token_type: 'Bearer', scope }
  }

type Refusal = Error & { error_detail?: string; client?: string }
/** Logs a refusal with its exact reason, which the client does not get, and without the credentials. */
function logRefusal(ctx: KoaContextWithOIDC, error: Refusal): void {
  if (error.message !== 'invalid_client') return
  const client = error.client ?? ctx.oidc?.entities.Client?.clientId
  tokenRequest().log.warn({ reason: error.error_detail, client }, 'a program was refused')
}

function failed(ctx: KoaContextWithOIDC, error: Error): void {
  const { id, log } = tokenRequest()
  log.error({ error: loggable(error) }, 'could not issue a token')
  const isTemporary = translated(error) !== error
  ctx.status = isTemporary ? 503 : 500
  ctx.body = isTemporary
    ? { error: 'temporarily_unavailable', error_description: 'The database does not answer. Try again in a moment.' }
    : { error: 'server_error', error_description: `An unexpected error occurred. The log has it as ${id}.` }
}
