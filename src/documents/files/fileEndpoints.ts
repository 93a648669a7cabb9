import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, loggable } from '../../engine/errors.js'
import { nodeIdOf, parseNodeId } from '../../engine/node.js'
import { tooMany } from '../../engine/rates.js'
import { beforeDeadline } from '../../engine/statement.js'
import { addressOf } from '../../platform/address.js'
import type { Database } from '../../platform/database.js'
import type { DatabaseConfig } from '../../platform/database.settings.js'
import { decryptFile } from '../../platform/encryptedFile.js'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt, type PartyKey } from '../../platform/personal.js'
import { type openRates, refuseWhileFull } from '../../platform/rates.js'
import type { Timings } from '../../platform/timings.js'
import { messageIn } from '../../shared/messages.js'
import { languageOf } from '../../shared/words.js'
import { findPdf } from '../issued/makePdf.js'
import { requestPdf } from '../issued/requestPdf.js'
import {
  encoded,
  expired,
  FileRefused,
  forged,
  inParts,
  mandateEnded,
  otherSize,
  pdfNotReady,
  unknownFile,
} from '../uploads/file.refusals.js'
import {
  answerWithoutBytes,
  findUpload,
  mayStillSend,
  receiveUpload,
  type UploadRow,
} from '../uploads/receiveUpload.js'
import { bytesOf, longestSending, seats } from '../uploads/sending.js'
import { UploadState, uploads } from '../uploads/upload.table.js'
import { disbelief, type Signed, type Way } from './address.js'
import { dispositionOf } from './disposition.js'
import type { FileStore } from './fileStore.js'
import { keptOf, pdfOf } from './places.js'

interface Parts {
  config: Pick<DatabaseConfig, 'requestTimeout'> & { timings: Timings }
  database: Database
  keyring: Keyring
  files: FileStore
  now: () => Date
  counters: ReturnType<typeof openRates>
}
interface Route {
  Params: { id: string }
  Querystring: Signed
}

/**
 * Endpoints that receive uploads and serve files by signed URL. Register them in a separate scope: they accept bodies of any type
 * and read none into memory.
 */
export const fileEndpoints = (parts: Parts) => async (app: FastifyInstance) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _body, done) => done(null)) // not read
  app.setErrorHandler(refuse)
  const onRequest = async ({ ip, raw }: FastifyRequest) =>
    refuseWhileFull(await parts.counters.request(addressOf(ip, raw.socket.remoteAddress)), tooMany.requests)
  const seated = seats()

  app.put<Route>(
    '/uploads/:id',
    { onRequest, onResponse: leave, handlerTimeout: longestSending, config: { sendsFiles: true } },
    async (request, reply) => {
      const found = await inTime(parts, () => uploadAt('uploads', request, parts))
      const { upload } = found
      if (!(await inTime(parts, () => mayStillSend(parts, upload)))) throw mandateEnded()
      const state =
        answerWithoutBytes(upload, parts.now()) ??
        (await seated(upload.partyId, async () => {
          refuseUnfit(request, upload)
          return await receiveUpload(parts, found, bytesOf(request.raw))
        }))
      return reply.headers(unkept).send({ id: nodeIdOf('Upload', upload.id), state })
    },
  )

  app.get<Route>(
    '/files/:id',
    { onRequest, exposeHeadRoute: false, handlerTimeout: longestSending },
    async (request, reply) => {
      const id = idAt('files', request, parts)
      const given = id.type === 'Upload' ? await cleanOf(id.key, parts) : await issuedOf(id.key, parts, reply)
      return await give(parts.files, given, reply)
    },
  )
}

/** A file may take long, and what the database says of it may not. */
const inTime = <T>({ config }: Parts, read: () => Promise<T>) =>
  beforeDeadline(Date.now() + config.requestTimeout, read)

/** Limits how long a client may go on sending after the response. */
async function leave({ raw }: FastifyRequest) {
  if (raw.complete === false) setTimeout(() => raw.destroy(), lingering).unref()
}
const lingering = 10_000

/** The node of a valid signed URL. */
function idAt(way: Way, { params: { id }, query }: FastifyRequest<Route>, { keyring, now }: Parts) {
  const doubt = disbelief(keyring, way, id, query, now())
  if (doubt) throw doubt === 'expired' ? expired() : forged()
  return parseNodeId(id) as NonNullable<ReturnType<typeof parseNodeId>> // only node IDs are signed
}

async function uploadAt(way: Way, request: FastifyRequest<Route>, parts: Parts) {
  const found = await findUpload(parts, idAt(way, request, parts).key)
  if (!found) throw unknownFile()
  return found
}

/** A file to be served: its place, and the name under which to save it. */
interface Given extends ReturnType<typeof keptOf> {
  key: PartyKey
  name: string
  mediaType: string
  size: number
}

async function cleanOf(id: string, parts: Parts): Promise<Given> {
  const { upload, key } = (await inTime(parts, () => findUpload(parts, id))) ?? {}
  if (!upload || !key || upload.state !== UploadState.CLEAN || !upload.mediaType) throw unknownFile()
  const { name } = decrypt(key, uploads, { id, name: upload.name })
  return { ...keptOf(id), key, name, mediaType: upload.mediaType, size: upload.size }
}

/** Milliseconds between two looks for a PDF in the making. */
const pause = 200

/** A PDF that is not made yet is requested. It takes the worker a moment, for which the answer waits. */
async function issuedOf(id: string, parts: Parts, { raw }: FastifyReply): Promise<Given> {
  const until = Date.now() + parts.config.timings.pdfWait
  for (let isRequested = false; ; isRequested = true) {
    const found = await inTime(parts, () => findPdf(parts, id))
    if (!found) throw unknownFile()
    const { key, number, sha256, size } = found
    if (sha256) return { ...pdfOf(id, sha256), key, name: number, mediaType: 'application/pdf', size }
    if (!isRequested) await inTime(parts, () => requestPdf(parts, id))
    if (Date.now() + pause > until || raw.destroyed) throw pdfNotReady()
    await sleep(pause)
  }
}

/** The refusals that need no byte of the file. */
function refuseUnfit({ headers }: Pick<FastifyRequest, 'headers'>, { size }: UploadRow): void {
  if (headers['content-range'] !== undefined) throw inParts()
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw encoded()
  const length = headers['content-length']
  if (length !== undefined && Number(length) !== size) throw otherSize(size, length)
}

async function give(files: FileStore, { file, place, key, name, mediaType, size }: Given, reply: FastifyReply) {
  const encrypted = await files.get(file)
  if (!encrypted) throw new Error(`the file of ${place.table} ${place.row} must stand where it was kept; it does not`)
  // If the client leaves before the first byte, nothing else would close the file.
  reply.raw.once('close', () => encrypted.destroy())
  const pieces = decryptFile(encrypted, key, place)
  const first = await pieces.next() // a file that does not decrypt must fail before the headers are sent
  return reply
    .headers({
      ...unkept,
      'content-type': mediaType,
      'content-length': size,
      'content-disposition': dispositionOf(name, mediaType),
      // The file is a download. If a browser shows it nevertheless, the policy lets it do nothing.
      'content-security-policy': "sandbox; default-src 'none'",
    })
    .send(Readable.from(behind(first.value, pieces), { objectMode: false }))
}

async function* behind(first: Buffer, rest: AsyncGenerator<Buffer>) {
  yield first
  yield* rest
}

const unkept = { 'cache-control': 'private, no-store' }

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
