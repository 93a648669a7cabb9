import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, loggable } from '../../engine/errors.js'
import { parseNodeId } from '../../engine/node.js'
import { tooMany } from '../../engine/rates.js'
import { beforeDeadline } from '../../engine/statement.js'
import { addressOf } from '../../platform/address.js'
import type { DatabaseConfig } from '../../platform/database.settings.js'
import type { Keyring } from '../../platform/keyring.js'
import { type openRates, refuseWhileFull } from '../../platform/rates.js'
import { messageIn } from '../../shared/messages.js'
import { languageOf } from '../../shared/words.js'
import { encoded, expired, FileRefused, forged, inParts, otherSize } from '../uploads/file.refusals.js'
import { longestSending } from '../uploads/sending.js'
import { disbelief, type Signed, type Way } from './address.js'

// What all endpoints of files have in common.

export interface Route {
  Params: { id: string }
  Querystring: Signed
}

/** Prepares a scope for files: it accepts bodies of any type, reads none into memory, and explains refusals. */
export function acceptFiles(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null)) // not read
  app.setErrorHandler(refuse)
}

/** Options of routes for files. Each request counts for its address. */
export function routesOf({ counters }: { counters: ReturnType<typeof openRates> }) {
  const onRequest = async ({ ip, raw }: FastifyRequest) =>
    refuseWhileFull(await counters.request(addressOf(ip, raw.socket.remoteAddress)), tooMany.requests)
  return {
    get: { onRequest, exposeHeadRoute: false, handlerTimeout: longestSending },
    put: { onRequest, onResponse: leave, handlerTimeout: longestSending, config: { sendsFiles: true } },
  }
}

/** A file may take long, and what the database says of it may not. */
export const inTime = <T>({ config }: { config: Pick<DatabaseConfig, 'requestTimeout'> }, read: () => Promise<T>) =>
  beforeDeadline(Date.now() + config.requestTimeout, read)

/** Limits how long a client may go on sending after the response. */
async function leave({ raw }: FastifyRequest) {
  if (raw.complete === false) setTimeout(() => raw.destroy(), lingering).unref()
}
const lingering = 10_000

/** The node of a valid signed URL. */
export function idAt(
  way: Way,
  { params: { id }, query }: FastifyRequest<Route>,
  { keyring, now }: { keyring: Keyring; now: () => Date },
) {
  const doubt = disbelief(keyring, way, id, query, now())
  if (doubt) throw doubt === 'expired' ? expired() : forged()
  return parseNodeId(id) as NonNullable<ReturnType<typeof parseNodeId>> // only node IDs are signed
}

/** The refusals that need no byte of the file. */
export function refuseUnfit({ headers }: Pick<FastifyRequest, 'headers'>, { size }: { size: number }): void {
  if (headers['content-range'] !== undefined) throw inParts()
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw encoded()
  const length = headers['content-length']
  if (length !== undefined && Number(length) !== size) throw otherSize(size, length)
}

export const unkept = { 'cache-control': 'private, no-store' }

interface Refused extends Error {
  statusCode?: number
  /** Seconds, for status 429. */
  retryAfter?: number
}
/** The same form as errors of the API, in the caller's language. */
function refuse(error: Refused, request: FastifyRequest, reply: FastifyReply) {
  const language = languageOf(request.headers['accept-language'])
  reply.headers({ ...unkept, 'content-language': language })
  const answer = (status: number, code: ErrorCode, message: string, more: object = {}) =>
    reply.code(status).send({ errors: [{ message, extensions: { code, ...more } }] })
  const { retryAfter } = error
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (request.raw.destroyed && request.raw.complete === false) return left(request, reply)
  if (error instanceof FileRefused) {
    const { status, code, reason, cause } = error
    if (status === 408) reply.header('connection', 'close')
    if (cause) request.log.error({ error: loggable(cause) }, 'a file was not taken')
    return answer(status, code, messageIn(language, error), { reason, ...(retryAfter !== undefined && { retryAfter }) })
  }
  if (error.statusCode === 429) return answer(429, 'RATE_LIMITED', error.message, { retryAfter })
  if (error.statusCode !== undefined && error.statusCode < 500)
    return answer(error.statusCode, 'BAD_REQUEST', error.message)
  request.log.error({ error: loggable(error) }, 'a file was not taken or given')
  return answer(503, 'SERVICE_UNAVAILABLE', 'Files cannot be taken or given at present. Try again in a moment.')
}
/** The client is gone. */
function left(request: FastifyRequest, reply: FastifyReply) {
  request.log.info('whoever sent a file left before its end')
  return reply.code(499).send()
}
