import { randomUUID } from 'node:crypto'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Config } from './config.js'
import type { FileStore } from './documents/files/fileStore.js'
import { openFiles } from './documents/files/openFiles.js'
import { openTrust } from './documents/signatures/openTrust.js'
import { trustListFrom } from './documents/signatures/trustList.js'
import { scannerOf } from './documents/uploads/scanner.js'
import { longestSending } from './documents/uploads/sending.js'
import { endpointsOf } from './domains.js'
import { apolloOf } from './engine/apollo.js'
import { type ErrorCode, loggable } from './engine/errors.js'
import { limits } from './engine/limits.js'
import { tooMany } from './engine/rates.js'
import { beforeDeadline } from './engine/statement.js'
import { openExchange } from './exchange/registries/openExchange.js'
import { explorer } from './explorer/explorer.js'
import {
  databaseDependency,
  filesDependency,
  scannerDependency,
  serveHealth,
  signingKeysDependency,
  workerDependency,
} from './health.js'
import { authorization, authorizationsIn, disbeliefs } from './identity/signIn/authorization.js'
import { IssuerUnavailable } from './identity/signIn/issuerKeys.js'
import { addressOf } from './platform/address.js'
import type { Database } from './platform/database.js'
import { Mode } from './platform/installation.table.js'
import type { Keyring } from './platform/keyring.js'
import { openRates, type Rates, ratesOf, refuseWhileFull } from './platform/rates.js'
import { publicSchema } from './schema.js'
import { anonymous, type Caller, type Context, contextOf, meterOf } from './shared/context.js'
import { type Exchange, unconnected } from './shared/exchange.js'
import { type SigningKeys, withoutSigningKeys } from './shared/signingKeys.js'
import { type Trust, withoutTrust } from './shared/trust.js'
import { languageOf } from './shared/words.js'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
    /** The address as limits count it. */
    address: string
  }
  interface FastifyContextConfig {
    /** Bodies of this route may take as long as files. */
    sendsFiles?: boolean
  }
}

interface Parts {
  config: Config
  database: Database
  keyring: Keyring
  /** Defaults to the configured one. The caller closes one it passes. */
  exchange?: Exchange
  /** Defaults to the configured one. The caller closes one it passes. */
  files?: FileStore
  /** The API's keys: those of receipts with private keys, those of agencies without. */
  signingKeys?: SigningKeys
  trust?: Trust
  now?: () => Date
  rates?: Rates
  /** The destination of log lines. Defaults to standard output. */
  log?: { write(line: string): void }
}

/** The HTTP server: GraphQL, the explorer at the same address, files, and health. */
export async function createServer(parts: Parts): Promise<FastifyInstance> {
  const app = await bareServer(parts)
  await serveGraphql(app, parts)
  return app
}

async function bareServer({ config, log }: Parts): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: limits.body,
    trustProxy: config.trustProxy.length > 0 && config.trustProxy,
    // For slow clients: a file may take long; `hearOut` cuts off anything else.
    requestTimeout: longestSending,
    // The body has one timeout and the answer another; anything else that hangs is cut off.
    handlerTimeout: longestAsking + config.requestTimeout,
    http: { headersTimeout: longestAsking },
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    logger: { level: config.logLevel, serializers: { req: withoutQuery }, ...(log && { stream: log }) },
    frameworkErrors: refuse,
  })
  await app.register(helmet)
  if (config.corsOrigins.length)
    await app.register(cors, {
      origin: config.corsOrigins,
      maxAge: 86_400,
      methods: ['GET', 'HEAD', 'POST', 'PUT'],
      exposedHeaders: ['Content-Disposition', 'Content-Language', 'Retry-After', 'WWW-Authenticate'],
    })
  app.addHook('onRequest', hearOut)
  app.setErrorHandler(refuse)
  app.setNotFoundHandler(notFound)
  app.removeContentTypeParser('text/plain') // a form of another site could send it
  return app
}

async function serveGraphql(app: FastifyInstance, parts: Parts): Promise<void> {
  const {
    config,
    database,
    keyring,
    signingKeys = withoutSigningKeys,
    now = () => new Date(),
    rates = ratesOf(config),
  } = parts
  const own = config.exchange ? openExchange(config.exchange, { now, log: app.log }) : unconnected
  const { exchange = own, trust = trustOf(config, app.log) } = parts
  const apollo = apolloOf<Context>(publicSchema(), app.log, meterOf)
  await apollo.start()
  const counters = openRates(rates, { ...config, client: database.client, keyring, log: app.log })
  const ask = fastifyApolloHandler(apollo, {
    context: async (request, reply) => {
      const language = languageOf(request.headers['accept-language'])
      // CORS may already have set Vary to Origin.
      const varies = [reply.getHeader('vary'), 'Accept', 'Accept-Language'].filter(Boolean).join(', ')
      reply.header('content-language', language).header('vary', varies)
      const { caller, address } = request
      const meter = counters.meter(address, caller)
      const asking = {
        caller,
        language,
        database,
        keyring,
        exchange,
        signingKeys,
        trust,
        uploadLimits: config.uploads,
        patience: config.patience,
        meter,
        // Production requires PUBLIC_URL; in a sandbox the caller knows the API's address.
        origin: config.publicUrl ?? `${request.protocol}://${request.host}`,
        now,
      }
      return contextOf({ ...asking, timeout: config.requestTimeout })
    },
  })
  const browser = explorer('/graphql')
  await app.register(browser.routes)
  app.decorateRequest('caller')
  app.decorateRequest('address')
  const callerOf = authorization({ issuers: config.issuers, database, keyring, now, timings: config.timings })
  const onRequest = [checkHost, admitted(counters, callerOf, config.requestTimeout)]
  app.post('/graphql', { onRequest }, ask)
  app.get('/graphql', { onRequest }, (request, reply) =>
    wantsPage(request) ? browser.send(reply) : ask.call(app, request, reply),
  )
  const files = parts.files ?? openFiles(config)
  serveHealth(app, {
    log: app.log,
    dependencies: [
      databaseDependency(database),
      workerDependency(database),
      filesDependency(files),
      scannerDependency(scannerOf(config.clamd)),
      signingKeysDependency(database, signingKeys),
    ],
  })
  for (const endpoint of endpointsOf({ config, database, keyring, signingKeys, files, now, counters }))
    await app.register(endpoint)
  app.addHook('onClose', async () => {
    await apollo.stop()
    await counters.close()
    await own.close()
    if (files !== parts.files) files.close()
  })
}

function trustOf({ trustList, mode }: Config, log: FastifyInstance['log']): Trust {
  if (trustList === undefined) {
    if (mode === Mode.PRODUCTION)
      log.warn('TRUST_LIST is not set: applications that must be signed cannot be submitted')
    return withoutTrust
  }
  return openTrust(async () => trustListFrom(trustList, { isSandbox: mode === Mode.SANDBOX }), { log })
}

/** Milliseconds for a request's headers, and for its body. */
const longestAsking = 30_000
/** Cuts off slow bodies, as Node does for routes with one common timeout. */
async function hearOut({ raw, routeOptions: { config } }: FastifyRequest) {
  const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined
  if (!hasBody || config.sendsFiles) return
  const timer = setTimeout(() => {
    // An injected request has no connection and no such event.
    if (raw.complete !== false) return
    raw.socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => raw.destroy())
  }, longestAsking).unref()
  raw.once('close', () => clearTimeout(timer))
}

/** Apollo builds the request's URL from it. */
async function checkHost({ protocol, hostname }: FastifyRequest) {
  if (URL.canParse(`${protocol}://${hostname}/`)) return
  throw Object.assign(new Error('The header Host must be a valid host name. Send the host of the API.'), {
    statusCode: 400,
  })
}

/** Identifies the caller, and refuses one over a limit or with an invalid token. Runs before the body is read. */
const admitted =
  (counters: ReturnType<typeof openRates>, callerOf: ReturnType<typeof authorization>, timeout: number) =>
  async (request: FastifyRequest) => {
    if (wantsPage(request)) return
    const address = addressOf(request.ip, request.raw.socket.remoteAddress)
    refuseWhileFull(await counters.request(address), tooMany.requests)
    const given = authorizationsIn(request.raw)
    const signIn = () => callerOf(given, request.ip)
    const caller =
      given.length === 0 ? anonymous : await beforeDeadline(Date.now() + timeout, signIn, tooSlow).catch(unavailable)
    if (typeof caller === 'object') {
      Object.assign(request, { caller, address })
      return
    }
    request.log.warn({ reason: caller }, 'a token was refused')
    throw Object.assign(new Error(disbeliefs[caller]), { statusCode: 401, reason: caller })
  }
const tooSlow = () => Object.assign(new Error('too slow'), { statusCode: 503, code: 'TIMEOUT' })
function unavailable(error: unknown): never {
  if (!(error instanceof IssuerUnavailable)) throw error
  throw Object.assign(error, { statusCode: 503 })
}

/** Only a browser's page load asks for HTML. */
const wantsPage = ({ method, headers }: FastifyRequest) =>
  method !== 'POST' && (headers.accept?.includes('text/html') ?? false)

/** Keeps an operation sent by GET, with its variables, out of the log. */
const withoutQuery = ({ id, method, url }: FastifyRequest) => ({ id, method, path: url.split('?')[0] })

function notFound(request: FastifyRequest, reply: FastifyReply) {
  if (request.url.split('?')[0] !== '/graphql')
    return refuse(
      { statusCode: 404, message: 'Nothing exists at this address. The API is at /graphql.' },
      request,
      reply,
    )
  const message = `/graphql accepts GET and POST; this was ${request.method}.`
  return refuse({ statusCode: 405, message }, request, reply.header('allow', 'GET, POST'))
}

interface Refused {
  statusCode?: number
  code?: string
  /** For a 401. */
  reason?: string
  /** For a 429: seconds. */
  retryAfter?: number
  message: string
}
/** Errors before GraphQL use its format too. */
function refuse(error: Refused, request: FastifyRequest, reply: FastifyReply) {
  const { statusCode: status = 500 } = error
  const answer = (code: ErrorCode, message: string, more: object = {}) =>
    reply.code(status).send({ errors: [{ message, extensions: { code, ...more } }] })
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return answer(
      'TOO_COSTLY',
      `The request body is too large. At most ${limits.body} bytes are allowed. Send less at once.`,
      {
        limit: 'body',
        allowed: limits.body,
      },
    )
  if (status === 415)
    return answer(
      'BAD_REQUEST',
      `The content-type must be application/json; it was ${request.headers['content-type'] ?? 'missing'}.`,
    )
  if (status === 401) {
    reply.header('www-authenticate', 'Bearer error="invalid_token"')
    return answer('UNAUTHENTICATED', error.message, { reason: error.reason })
  }
  if (error.code === 'TIMEOUT' || error.code === 'FST_ERR_HANDLER_TIMEOUT') {
    request.log.error('a request was not answered in time')
    return answer('TIMEOUT', 'The request took too long and was stopped. Try again in a moment.')
  }
  if (status === 429) {
    reply.header('retry-after', error.retryAfter)
    return answer('RATE_LIMITED', error.message, { retryAfter: error.retryAfter })
  }
  if (status < 500) return answer('BAD_REQUEST', error.message)
  if (error instanceof IssuerUnavailable) {
    request.log.error({ error: loggable(error) }, 'the keys of an issuer cannot be fetched')
    return answer('SERVICE_UNAVAILABLE', 'The sign-in service does not answer. Try again in a moment.')
  }
  request.log.error({ error: loggable(error) }, 'unexpected error')
  const { id } = request
  return answer('INTERNAL_SERVER_ERROR', `An unexpected error occurred. Report it with the id ${id}.`, { id })
}
