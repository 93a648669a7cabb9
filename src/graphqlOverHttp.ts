import { type Readable, Transform } from 'node:stream'
import { type ApolloServer, HeaderMap } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { setCaching } from './caching.js'
import { compressed } from './compression.js'
import type { Config } from './config.js'
import type { About } from './engine/about.js'
import { type Asked, answersOf } from './engine/answer.js'
import { apolloOf } from './engine/apollo.js'
import { bytesIn } from './engine/bytes.js'
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
import { anonymous, type Caller, type Context, contextOf, isProgram, meterOf, type Premise } from './shared/context.js'
import type { Exchange } from './shared/exchange.js'
import type { SigningKeys } from './shared/signingKeys.js'
import type { Trust } from './shared/trust.js'
import { languageOf } from './shared/words.js'

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
  const answers = answersOf(publicSchema(), app.log, { meterOf, premises })
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
  return async (request: FastifyRequest, reply: FastifyReply) => {
    let context = contextFor(request)
    const cors = reply.getHeader('vary') // Origin, if some origins are allowed
    reply.header('content-language', context.language).header('vary', cors ? `${cors}, ${varies}` : varies)
    const ask = async () => {
      const type = answerType(request)
      const once = async () => type && (await answer(askedIn(request), context))
      let answered = await once()
      if (!answered && context.premise?.isRead === false) {
        context = { ...context, ...(await recognise(request, { anew: true })) }
        answered = await once()
      }
      if (!answered || !type) return await askApollo(apollo, context, request, reply)
      reply.code(answered.status).header('content-type', type)
      return answered.body
    }
    const text = await beforeDeadline(context.deadline + lastWords, ask, tooSlow)
    return setCaching(text, request, reply) ? reply.send() : compressed(text, request, reply)
  }
}
/** Milliseconds after the deadline, so that one late field does not cost the rest of an answer. */
const lastWords = 1_000

const varies = 'Accept, Accept-Language, Accept-Encoding'

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

/** The text of the answer. Sets the status and Apollo's headers. */
async function askApollo(
  apollo: ApolloServer<Context>,
  context: Context,
  { method, url, headers: { accept, 'content-type': contentType }, body }: FastifyRequest,
  reply: FastifyReply,
) {
  const headers = new HeaderMap() // those that Apollo reads
  if (accept) headers.set('accept', accept)
  if (contentType) headers.set('content-type', contentType)
  const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method, headers, search, body },
    context: async () => context,
  })
  if (answer.body.kind !== 'complete') throw new Error('An answer in parts needs @defer, which the schema has not.')
  for (const [name, value] of answer.headers) reply.header(name, value)
  reply.code(answer.status ?? 200)
  return bytesIn(answer.body.string)
}

/** Links in answers may contain it. */
function checkHost({ protocol, hostname }: FastifyRequest) {
  if (URL.canParse(`${protocol}://${hostname}/`)) return
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
  Object.assign(request, { address, about: {} })
  await recognise(request)
}

/** Only a program that has proved who it is may send a large body. */
async function boundBody({ caller, headers }: FastifyRequest, _reply: FastifyReply, body: Readable): Promise<Readable> {
  if (isProgram(caller)) return body
  const { 'content-length': announced } = headers
  if (announced !== undefined) {
    if (Number(announced) > limits.body) throw bodyTooLarge()
    return body // Node reads no more than announced
  }
  let size = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      done(size > limits.body ? bodyTooLarge() : null, chunk)
    },
  })
  return body.pipe(counted)
}
const bodyTooLarge = () =>
  Object.assign(new Error('the body is too large'), { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' })

/** Identifies the caller of a request. Throws 401 for an invalid token. */
function recogniseBy({ config, database, keyring, now }: Parts): Recognise {
  const { issuers, timings, requestTimeout } = config
  const recognised = authorization({ issuers, database, keyring, now, timings })
  return async (request, how) => {
    const given = authorizationsIn(request.raw)
    const signIn = () => recognised(given, request.ip, how)
    const found =
      given.length === 0
        ? { caller: anonymous }
        : await beforeDeadline(Date.now() + requestTimeout, signIn, tooSlow).catch(unavailable)
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
