import { type Readable, Transform } from 'node:stream'
import { type ApolloServer, HeaderMap } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { cachingOf } from './caching.js'
import { compressed, encodingFor } from './compression.js'
import type { Config } from './config.js'
import type { About } from './engine/about.js'
import { type Asked, answersOf, type InTime } from './engine/answer.js'
import { apolloOf } from './engine/apollo.js'
import { type Bytes, bytesIn } from './engine/bytes.js'
import { limits } from './engine/limits.js'
import { tooMany } from './engine/rates.js'
import { beforeDeadline } from './engine/statement.js'
import { explorer } from './explorer/explorer.js'
import { authorization, authorizationsIn, disbeliefs } from './identity/signIn/authorization.js'
import { IssuerUnavailable } from './identity/signIn/issuerKeys.js'
import { premises, type Recognised } from './identity/signIn/signIn.js'
import { checkoutOf } from './payments/checkout/providers.settings.js'
import { addressOf } from './platform/address.js'
import type { Database } from './platform/database.js'
import type { Keyring } from './platform/keyring.js'
import { type openRates, refuseWhileFull } from './platform/rates.js'
import { publicSchema } from './schema.js'
import { securityHeadersOfData } from './securityHeaders.js'
import { anonymous, type Caller, type Context, contextOf, isProgram, meterOf, type Premise } from './shared/context.js'
import type { Exchange } from './shared/exchange.js'
import type { SigningKeys } from './shared/signingKeys.js'
import type { Trust } from './shared/trust.js'
import { type Language, languageOf } from './shared/words.js'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
    premise: Premise | undefined
    /** The address as limits count it. */
    address: string
    about: About
  }
}

export const graphqlPath = '/graphql'

type Answer = ReturnType<typeof answersOf>['answer']
type Recognise = (request: FastifyRequest, how?: { anew: boolean }) => Promise<Recognised>
interface Parts {
  config: Config
  database: Database
  keyring: Keyring
  exchange: Exchange
  signingKeys: SigningKeys
  trust: Trust
  now: () => Date
  counters: ReturnType<typeof openRates>
}

/** Serves GraphQL, and the explorer at the same address. */
export async function serveGraphql(app: FastifyInstance, parts: Parts): Promise<void> {
  const answers = answersOf(publicSchema(), app.log, { meterOf, premises, inTime })
  const apollo = apolloOf<Context>(publicSchema(), app.log, meterOf, [answers.plugin])
  await apollo.start()
  app.addHook('onClose', () => apollo.stop())
  const browser = explorer(graphqlPath)
  await app.register(browser.routes)
  app.decorateRequest('caller')
  app.decorateRequest('premise')
  app.decorateRequest('address')
  app.decorateRequest('about')
  const recognise = recogniseBy(parts)
  const onRequest = admitted(parts.counters, recognise)
  const answer = graphqlHandler(answers.answer, apollo, recognise, parts)
  app.post(graphqlPath, { onRequest, preParsing: boundBody, bodyLimit: limits.bodyOfProgram }, answer)
  app.get(graphqlPath, { onRequest }, (request, reply) =>
    wantsPage(request) ? browser.send(reply) : answer(request, reply),
  )
}

function graphqlHandler(answer: Answer, apollo: ApolloServer<Context>, recognise: Recognise, parts: Parts) {
  const contextFor = contextsOf(parts)
  const headersFor = parts.config.corsOrigins.length > 0 ? headersWithCors : headersIn
  async function ask(request: FastifyRequest, context: Context): Promise<Sent> {
    const type = answerType(request)
    if (!type) return await inTime(context, () => askApollo(apollo, context, request))
    const answered = await answer(askedIn(request), context)
    return answered ? { ...answered, type } : await askAnew(request, context, type)
  }
  async function askAnew(request: FastifyRequest, context: Context, type: string): Promise<Sent> {
    if (context.premise?.isRead !== false) return await inTime(context, () => askApollo(apollo, context, request))
    const known = { ...context, ...(await recognise(request, { anew: true })) }
    const answered = await answer(askedIn(request), known)
    return answered ? { ...answered, type } : await inTime(known, () => askApollo(apollo, known, request))
  }
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const context = contextFor(request)
    const { status, type, body, more = [] } = await ask(request, context)
    const { control, etag, isKnown } = cachingOf(body, status, request)
    const headers = [...headersFor(context.language, reply), ...more, 'cache-control', control]
    if (etag) headers.push('etag', etag)
    if (isKnown) {
      reply.hijack().raw.writeHead(304, headers).end()
      return
    }
    headers.push('content-type', type)
    const way = encodingFor(body, request.headers)
    if (!way) return send(reply, status, headers, body)
    headers.push('content-encoding', way)
    send(reply, status, headers, await compressed(body, way))
  }
}
/** Milliseconds after the deadline, so that one late field does not cost the rest of an answer. */
const lastWords = 1_000
/** For what is more than a statement: a statement ends at the deadline by itself. */
const inTime: InTime = (context, ask) => beforeDeadline(context.deadline + lastWords, ask, tooSlow)

interface Sent {
  status: number
  type: string
  body: Bytes
  /** Names and values in turn, as Node writes them. */
  more?: string[]
}

/** Without Fastify's `send`: docs/decisions/graphql-answers.md says why. */
function send(reply: FastifyReply, status: number, headers: string[], body: Bytes | Buffer): void {
  const { raw } = reply.hijack()
  headers.push('content-length', String(body.length))
  raw.writeHead(status, headers)
  if (raw.req.method === 'HEAD') raw.end()
  else raw.end(body, 'latin1')
}

const varies = 'Accept, Accept-Language, Accept-Encoding'
const common = (language: Language) => ({ ...securityHeadersOfData, 'content-language': language, vary: varies })
const listed = (headers: object) => Object.entries(headers).flatMap(([name, value]) => [name, String(value)])
const lists: Record<Language, string[]> = {
  az: listed(common('az')),
  en: listed(common('en')),
  ru: listed(common('ru')),
}
const headersIn = (language: Language) => lists[language]
/** The same, with the headers that allow another origin. */
function headersWithCors(language: Language, reply: FastifyReply): string[] {
  const { vary } = reply.getHeaders()
  return listed({ ...reply.getHeaders(), ...common(language), vary: vary ? `${vary}, ${varies}` : varies })
}

/** As Apollo chooses among its types. Undefined for a client that accepts none: Apollo refuses it. */
function answerType({ headers }: FastifyRequest): string | undefined {
  const { accept } = headers
  return !accept || accept === '*/*' ? answerTypes[0] : new Negotiator({ headers }).mediaType(answerTypes)
}
const answerTypes = [
  'application/json; charset=utf-8',
  'application/graphql-response+json; charset=utf-8',
  'application/json; callbackSpec=1.0; charset=utf-8',
]

/** The operation of a request. Apollo refuses what is malformed. */
function askedIn({ method, headers, query, body }: FastifyRequest): Asked {
  if (method === 'POST') return (body ?? {}) as Asked
  if (method !== 'GET' || headers['content-type'] !== undefined) return {}
  const { variables, extensions, ...asked } = query as Record<string, unknown>
  if (typeof variables !== 'string') return { ...asked, variables, extensions }
  try {
    const read: unknown = JSON.parse(variables)
    return read === null ? {} : { ...asked, variables: read, extensions }
  } catch {
    return {}
  }
}

function contextsOf({ config, database, keyring, exchange, signingKeys, trust, now, counters }: Parts) {
  const checkout = checkoutOf(config)
  return (request: FastifyRequest): Context => {
    const { caller, premise, address, about } = request
    return contextOf({
      caller,
      premise,
      language: languageOf(request.headers['accept-language']),
      database,
      keyring,
      exchange,
      checkout,
      signingKeys,
      trust,
      uploadLimits: config.uploads,
      patience: config.patience,
      timings: config.timings,
      meter: counters.meter(address, caller),
      // Production requires PUBLIC_URL; in a sandbox the caller knows the API's address.
      origin: config.publicUrl ?? `${request.protocol}://${request.host}`,
      now,
      timeout: config.requestTimeout,
      about,
    })
  }
}

async function askApollo(
  apollo: ApolloServer<Context>,
  context: Context,
  { method, url, headers: { accept, 'content-type': contentType }, body }: FastifyRequest,
): Promise<Sent> {
  const headers = new HeaderMap() // those that Apollo reads
  if (accept) headers.set('accept', accept)
  if (contentType) headers.set('content-type', contentType)
  const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method, headers, search, body },
    context: async () => context,
  })
  if (answer.body.kind !== 'complete') throw new Error('An answer in parts needs @defer, which the schema has not.')
  const { 'content-type': type, ...more } = Object.fromEntries(answer.headers)
  if (!type) throw new Error('Apollo must say of what type its answer is.')
  delete more['content-length']
  delete more['cache-control']
  return { status: answer.status ?? 200, type, body: bytesIn(answer.body.string), more: listed(more) }
}

/** The last valid host: nearly all requests name the same one. */
let latestHost = ''
/** Links in answers may contain it. */
function checkHost(request: FastifyRequest) {
  const { protocol, host } = request
  const asked = `${protocol}://${host}`
  if (asked === latestHost) return
  if (URL.canParse(`${protocol}://${request.hostname}/`)) {
    latestHost = asked
    return
  }
  throw Object.assign(new Error('The header Host must be a valid host name. Send the host of the API.'), {
    statusCode: 400,
  })
}

/** Refuses an invalid host, a caller over a limit, and an invalid token. Runs before the body is read. */
const admitted = (counters: Parts['counters'], recognise: Recognise) => async (request: FastifyRequest) => {
  checkHost(request)
  if (wantsPage(request)) return
  const address = addressOf(request.ip, request.raw.socket.remoteAddress)
  refuseWhileFull(await counters.request(address), tooMany.requests)
  request.address = address
  request.about = {}
  if (request.headers.authorization === undefined) request.caller = anonymous
  else await recognise(request)
}

/** Only a program that has proved who it is may send a large body. */
function boundBody(
  { caller, headers }: FastifyRequest,
  _reply: FastifyReply,
  body: Readable,
  done: (error: Error | null, body?: Readable) => void,
): void {
  const { 'content-length': announced } = headers
  if (isProgram(caller)) done(null, body)
  // Node reads no more than announced.
  else if (announced === undefined) done(null, counted(body))
  else if (Number(announced) > limits.body) done(bodyTooLarge())
  else done(null, body)
}
function counted(body: Readable): Readable {
  let size = 0
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      done(size > limits.body ? bodyTooLarge() : null, chunk)
    },
  })
  return body.pipe(counter)
}
const bodyTooLarge = () =>
  Object.assign(new Error('the body is too large'), { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' })

/** Identifies the caller of a request. Throws 401 for an invalid token. */
function recogniseBy({ config, database, keyring, now }: Parts): Recognise {
  const { issuers, timings, requestTimeout } = config
  const recognised = authorization({ issuers, database, keyring, now, timings })
  return async (request, how) => {
    const signIn = () => recognised(authorizationsIn(request.raw), request.ip, how)
    const found = await beforeDeadline(Date.now() + requestTimeout, signIn, tooSlow).catch(unavailable)
    if (typeof found === 'object') {
      request.caller = found.caller
      request.premise = found.premise
      return found
    }
    request.log.warn({ reason: found }, 'a token was refused')
    throw Object.assign(new Error(disbeliefs[found]), { statusCode: 401, reason: found })
  }
}
const tooSlow = () => Object.assign(new Error('too slow'), { statusCode: 503, code: 'TIMEOUT' })
function unavailable(error: unknown): never {
  if (!(error instanceof IssuerUnavailable)) throw error
  throw Object.assign(error, { statusCode: 503 })
}

/** Only a browser's page load asks for HTML. */
const wantsPage = ({ method, headers }: FastifyRequest) =>
  method !== 'POST' && (headers.accept?.includes('text/html') ?? false)
