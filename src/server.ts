import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { Config } from './config.js'
import type { FileStore } from './documents/files/fileStore.js'
import { openFiles } from './documents/files/openFiles.js'
import { scannerOf } from './documents/uploads/scanner.js'
import { longestSending } from './documents/uploads/sending.js'
import { endpointsOf } from './domains.js'
import { type ErrorCode, loggable, translated } from './engine/errors.js'
import { limits } from './engine/limits.js'
import { openExchange } from './exchange/registries/openExchange.js'
import { graphqlPath, serveGraphql } from './graphqlOverHttp.js'
import {
  databaseDependency,
  filesDependency,
  scannerDependency,
  serveHealth,
  signingKeysDependency,
  workerDependency,
} from './health.js'
import { IssuerUnavailable } from './identity/signIn/issuerKeys.js'
import { openProviders } from './payments/checkout/openProviders.js'
import type { Database } from './platform/database.js'
import type { Keyring } from './platform/keyring.js'
import { openRates, type Rates, ratesOf } from './platform/rates.js'
import { pathOf, RequestLog } from './requestLog.js'
import { securityHeaders, securityHeadersOfData } from './securityHeaders.js'
import { isProgram } from './shared/context.js'
import { type Exchange, unconnected } from './shared/exchange.js'
import { type SigningKeys, withoutSigningKeys } from './shared/signingKeys.js'
import type { Trust } from './shared/trust.js'
import { trustOf } from './trust.js'

declare module 'fastify' {
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
  const {
    config,
    database,
    keyring,
    signingKeys = withoutSigningKeys,
    now = () => new Date(),
    rates = ratesOf(config),
  } = parts
  const app = await bareServer(parts)
  const own = config.exchange ? openExchange(config.exchange, { now, log: app.log }) : unconnected
  const { exchange = own, trust = trustOf(config, app.log) } = parts
  const counters = openRates(rates, { ...config, client: database.client, keyring, log: app.log })
  const files = parts.files ?? openFiles(config)
  const providers = openProviders(config.paymentProviders, { now, log: app.log })
  app.addHook('onClose', async () => {
    await counters.close()
    await own.close()
    await providers.close()
    if (files !== parts.files) files.close()
  })
  await serveGraphql(app, { config, database, keyring, exchange, signingKeys, trust, now, counters })
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
  for (const endpoint of endpointsOf({ config, database, keyring, signingKeys, files, providers, now, counters }))
    await app.register(endpoint)
  return app
}

async function bareServer({ config, log }: Parts): Promise<FastifyInstance> {
  const requestLog = new RequestLog()
  const app = fastify({
    bodyLimit: limits.body,
    trustProxy: config.trustProxy.length > 0 && config.trustProxy,
    // For slow clients: a file may take long; `hearOut` cuts off anything else.
    requestTimeout: longestSending,
    http: { headersTimeout: longestAsking },
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    logger: { level: config.logLevel, serializers: { req: withoutQuery }, ...(log && { stream: log }) },
    logController: requestLog,
    frameworkErrors: (error, request, reply) => {
      refuse(error, request, reply)
      requestLog.requestCompleted(null, request, reply)
    },
  })
  app.addHook('onRequest', ({ raw }, reply, done) => {
    // An answer of GraphQL is sent with its own, and a refusal gets them below.
    if (raw.url !== graphqlPath || raw.method !== 'POST') reply.headers(securityHeaders)
    done()
  })
  if (config.corsOrigins.length)
    await app.register(cors, {
      origin: config.corsOrigins,
      maxAge: 86_400,
      methods: ['GET', 'HEAD', 'POST', 'PUT'],
      exposedHeaders: ['Content-Disposition', 'Content-Language', 'Retry-After', 'WWW-Authenticate'],
    })
  app.addHook('onRequest', hearOut)
  // GraphQL has a deadline of its own, which costs a request less.
  app.addHook('onRoute', (route) => {
    if (route.url !== graphqlPath) route.handlerTimeout ??= longestAsking + config.requestTimeout
  })
  app.addHook('onRequestAbort', async (request) => requestLog.requestAborted(request))
  app.setErrorHandler(refuse)
  app.setNotFoundHandler(notFound)
  app.removeContentTypeParser('text/plain') // a form of another site could send it
  return app
}

/** Milliseconds for a request's headers, and for its body. */
const longestAsking = 30_000
/** Cuts off slow bodies, as Node does for routes with one common timeout. */
function hearOut(request: FastifyRequest, _reply: FastifyReply, done: () => void) {
  const { raw } = request
  const { headers } = raw
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    const timer = setTimeout(cutOff, longestAsking, request).unref()
    raw.once('close', () => clearTimeout(timer))
  }
  done()
}
function cutOff(request: FastifyRequest) {
  const { raw } = request
  // An injected request has no connection and no such event. Fastify makes the options anew whenever they are read.
  if (raw.complete !== false || request.routeOptions.config.sendsFiles) return
  raw.socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => raw.destroy())
}

const withoutQuery = (request: FastifyRequest) => ({ id: request.id, method: request.method, path: pathOf(request) })

function notFound(request: FastifyRequest, reply: FastifyReply) {
  if (pathOf(request) !== graphqlPath)
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
  reply.headers(pathOf(request) === graphqlPath ? securityHeadersOfData : securityHeaders)
  const answer = (code: ErrorCode, message: string, more: object = {}) =>
    reply
      .code(status)
      .header('cache-control', 'no-store')
      .send({ errors: [{ message, extensions: { code, ...more } }] })
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const allowed = request.caller && isProgram(request.caller) ? limits.bodyOfProgram : limits.body
    const message = `The request body is too large. At most ${allowed} bytes are allowed. Send less at once.`
    return answer('TOO_COSTLY', message, { limit: 'body', allowed })
  }
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
  // While the caller is identified, the database may fail as it may later.
  const known = translated(error)
  if (known instanceof GraphQLError && known.extensions.code !== 'BAD_USER_INPUT') {
    request.log.error({ error: loggable(error) }, known.message)
    return reply.code(503).send({ errors: [known] })
  }
  request.log.error({ error: loggable(error) }, 'unexpected error')
  const { id } = request
  return answer('INTERNAL_SERVER_ERROR', `An unexpected error occurred. Report it with the id ${id}.`, { id })
}
