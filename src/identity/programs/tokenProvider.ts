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
import { programScopes } from '../../shared/context.js'
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

/** What is read of a request. No other header of it reaches the library, and `Host` is what we are called. */
export interface TokenRequest {
  headers: Record<'authorization' | 'content-type', string | undefined>
  body: Buffer
  /** Of the request, in the log. */
  id: string
  log: Log
  /** For the networks that a program is bound to, and for limits. */
  ip: string
  address: string
}
const currentRequest = new AsyncLocalStorage<TokenRequest>()
const tokenRequest = () => currentRequest.getStore() as TokenRequest // all that follows is called while one is answered

/** Gives tokens to programs. Loads oidc-provider, which takes a tenth of a second and more. */
export function tokenProvider({ issuer, path, timings, database, now, counters, log }: Parts) {
  const endpoint = `${issuer}${path}`
  const provider = new Provider(issuer, {
    adapter: storeOf({ database, now, addressOfProgram: () => tokenRequest().ip }),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: [...assertionAlgorithms] },
    extraClientMetadata: { properties: [formerSecret] },
    scopes: [...programScopes],
    ttl: { ClientCredentials: timings.programTokenLifetime / 1000 },
    formats: { bitsOfOpaqueRandomness: 256 },
    clockTolerance,
    routes: { token: path },
    ...onlyPrograms,
    assertJwtClientAuthClaimsAndHeader(_ctx, claims) {
      const fault = assertionFault(claims, [issuer, endpoint], Date.now() / 1000)
      if (fault) throw new errors.InvalidClientAuth(fault)
    },
  })
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set([issuer, endpoint])
  provider.Client.prototype.compareClientSecret = async function (this: Client, secret: string) {
    return await isSecretOf(this, secret, counters)
  }
  provider.registerGrantType('client_credentials', giveToken(provider, { database, now, timings }), ['scope'])
  provider.use(asNoPage)
  provider.on('grant.error', logRefusal).on('server_error', failed)
  // Of Koa, as where a client goes away; the types know only what is oidc-provider's own.
  const koa: NodeJS.EventEmitter = provider
  koa.on('error', (error) => log.error({ error: loggable(error) }, 'a token was not given'))
  const serve = provider.callback()
  return (request: TokenRequest, response: ServerResponse) =>
    currentRequest.run(request, () => serve(messageOf(request, endpoint), response))
}

/** Of all that oidc-provider can do, nothing else. It wants a key for ID tokens, of which there are none here. */
const onlyPrograms = {
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

/** The body was read before, within its limits. */
function messageOf({ headers, body }: TokenRequest, endpoint: string): IncomingMessage {
  const { host, pathname } = new URL(endpoint)
  const given = Object.entries({ ...headers, accept: 'application/json', host, 'content-length': String(body.length) })
  const message = Readable.from(body.length > 0 ? [body] : [])
  return Object.assign(message, {
    method: 'POST',
    url: pathname,
    headers: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    socket: {},
  }) as never // all that Koa reads of a request
}

/** Which pages may read the answer is said for the whole API; the library would let all of them. */
async function asNoPage(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  const isAllowed = ctx.res.hasHeader('access-control-allow-origin')
  await next()
  if (isAllowed) return
  ctx.remove('access-control-allow-origin')
  ctx.remove('access-control-expose-headers')
}

type Counters = Parts['counters']
/** Two secrets may be valid for a while. The previous one counts only until it expires. */
async function isSecretOf(client: Client, secret: string, counters: Counters): Promise<boolean> {
  const tried = `${client.clientId} ${tokenRequest().address}`
  refuseWhileFull(await counters.secrets(tried))
  const given = Buffer.from(digestOf(secret))
  const isGood = [client.clientSecret, client[formerSecret]]
    .map((hash) => typeof hash === 'string' && timingSafeEqual(given, Buffer.from(hash)))
    .includes(true)
  if (!isGood) refuseWhileFull(await counters.refusedSecret(tried))
  return isGood
}

function refuseWhileFull(retryAfter: number): void {
  if (retryAfter === 0) return
  Provider.ctx?.set('retry-after', String(retryAfter))
  throw Object.assign(new errors.OIDCProviderError(429, 'temporarily_unavailable'), {
    error_description: `Too many secrets of this program were refused. ${tryAgain(retryAfter)}`,
  })
}

/** The grant itself, by which scopes only narrow: oidc-provider's own takes no scope for none of them. */
const giveToken =
  (provider: OidcProvider, { database: { client: db }, now, timings }: Pick<Parts, 'database' | 'now' | 'timings'>) =>
  async (ctx: TokenEndpointGrantContext<{ scope?: string }>): Promise<void> => {
    const { client, params } = ctx.oidc
    const own = (client.scope ?? '').split(' ')
    const wanted = new Set(params.scope?.split(' ').filter(Boolean))
    const beyond = [...wanted].filter((scope) => !own.includes(scope))
    if (beyond.length > 0)
      throw new errors.InvalidScope('the program was registered with other scopes', beyond.join(' ').slice(0, 200))
    const scope = (wanted.size > 0 ? [...wanted] : own).join(' ')
    const token = new provider.ClientCredentials({ client, scope } as never) // its type knows no constructor
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
  log.error({ error: loggable(error) }, 'a token was not given')
  const isPassing = translated(error) !== error
  ctx.status = isPassing ? 503 : 500
  ctx.body = isPassing
    ? { error: 'temporarily_unavailable', error_description: 'The database does not answer. Try again in a moment.' }
    : { error: 'server_error', error_description: `An unexpected error occurred. The log has it as ${id}.` }
}
