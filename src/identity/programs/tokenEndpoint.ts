import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { loggable } from '../../engine/errors.js'
import { tooMany } from '../../engine/rates.js'
import { beforeDeadline } from '../../engine/statement.js'
import { addressOf } from '../../platform/address.js'
import type { Database } from '../../platform/database.js'
import type { DatabaseConfig } from '../../platform/database.settings.js'
import type { HttpConfig } from '../../platform/http.settings.js'
import { type openRates, refuseWhileFull } from '../../platform/rates.js'
import type { Timings } from '../../platform/timings.js'
import { allProgramScopes } from '../../shared/context.js'
import { authorizationsIn, disbeliefs } from '../signIn/authorization.js'
import { assertionAlgorithms } from './assertion.rules.js'

const tokenPath = '/oauth/token'
const metadataPath = '/.well-known/oauth-authorization-server'
/** Maximum size of a body in bytes. An assertion signed with the longest key has about 2,000. */
const longestBody = 16_384

interface Parts {
  config: Pick<HttpConfig, 'publicUrl' | 'port'> & Pick<DatabaseConfig, 'requestTimeout'> & { timings: Timings }
  database: Database
  now: () => Date
  counters: ReturnType<typeof openRates>
}

/** Issues tokens to programs. Register it in its own scope, because it accepts other content types than the API. */
export const tokenEndpoint = (parts: Parts) => async (app: FastifyInstance) => {
  const issuer = issuerOf(app, parts.config)
  app.removeAllContentTypeParsers()
  const form = { parseAs: 'buffer', bodyLimit: longestBody } as const
  app.addContentTypeParser('application/x-www-form-urlencoded', form, (_request, body, done) => done(null, body))
  app.setErrorHandler(refuse)

  const onRequest = async ({ ip, raw }: FastifyRequest) =>
    refuseWhileFull(await parts.counters.request(addressOf(ip, raw.socket.remoteAddress)), tooMany.requests)
  const give = onceLoaded({ ...parts, log: app.log }, issuer)
  app.post(tokenPath, { onRequest }, async (request, reply) => {
    const { headers, body = Buffer.alloc(0), id, ip, raw, log } = request
    const [authorization, ...more] = authorizationsIn(raw)
    if (more.length > 0) throw Object.assign(new Error(disbeliefs['authorization.repeated']), { statusCode: 400 })
    const serve = await give()
    reply.hijack()
    // oidc-provider writes to the raw response, so headers that were set for every answer must be copied.
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value) reply.raw.setHeader(name, value)
    const asked = {
      headers: { authorization, 'content-type': headers['content-type'] },
      body: body as Buffer,
      id,
      log,
      ip,
      address: addressOf(ip, raw.socket.remoteAddress),
    }
    await beforeDeadline(Date.now() + parts.config.requestTimeout, () => serve(asked, reply.raw)).catch((error) => {
      log.error({ error: loggable(error) }, 'could not issue a token in time')
      const body = { error: 'temporarily_unavailable', error_description: 'It took too long. Try again in a moment.' }
      const headers = { 'content-type': 'application/json', ...unkept }
      if (!reply.raw.headersSent) reply.raw.writeHead(503, headers).end(JSON.stringify(body))
    })
  })
  app.route({ method: ['GET', 'PUT', 'PATCH', 'DELETE'], url: tokenPath, onRequest, handler: refuseMethod })
  app.get(metadataPath, { onRequest }, () => metadataOf(issuer()))
}

/** Defaults to localhost with the actual port. */
function issuerOf(app: FastifyInstance, { publicUrl, port }: Parts['config']): () => string {
  return () => {
    const address = app.server.address()
    return publicUrl ?? `http://localhost:${typeof address === 'object' && address ? address.port : port}`
  }
}

/** Loaded at the first request, because it would make the start half as long again. */
function onceLoaded(parts: Parts & Pick<FastifyInstance, 'log'>, issuer: () => string) {
  const load = async () =>
    (await import('./tokenProvider.js')).tokenProvider({
      ...parts,
      timings: parts.config.timings,
      path: tokenPath,
      issuer: issuer(),
    })
  let loaded: ReturnType<typeof load> | undefined
  return () => {
    loaded ??= load()
    return loaded
  }
}

/** Metadata by RFC 8414. Without an authorization endpoint there are no response types. */
const metadataOf = (issuer: string) => ({
  issuer,
  token_endpoint: `${issuer}${tokenPath}`,
  grant_types_supported: ['client_credentials'],
  scopes_supported: allProgramScopes,
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
})

const refuseMethod = ({ method }: FastifyRequest, reply: FastifyReply) =>
  reply
    .code(405)
    .headers({ allow: 'POST', ...unkept })
    .send({ error: 'invalid_request', error_description: `${tokenPath} takes POST; this was ${method}.` })

const unkept = { 'cache-control': 'no-store' }

interface Refused extends Error {
  statusCode?: number
  /** Seconds to wait after status 429. */
  retryAfter?: number
}
/** Errors before oidc-provider is called have the OAuth format too. */
function refuse(error: Refused, request: FastifyRequest, reply: FastifyReply) {
  const { statusCode: status = 500, retryAfter } = error
  const answer = (code: string, description: string) =>
    reply.code(status).headers(unkept).send({ error: code, error_description: description })
  if (retryAfter !== undefined) {
    reply.header('retry-after', retryAfter)
    return answer('temporarily_unavailable', error.message)
  }
  if (status === 413) return answer('invalid_request', `The body may have ${longestBody} bytes; this has more.`)
  if (status === 415)
    return answer('invalid_request', 'The content-type must be application/x-www-form-urlencoded; this is not.')
  if (status < 500) return answer('invalid_request', error.message)
  request.log.error({ error: loggable(error) }, 'could not issue a token')
  return answer('server_error', `An unexpected error occurred. The log has it as ${request.id}.`)
}
