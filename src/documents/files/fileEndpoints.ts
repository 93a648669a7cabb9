import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { nodeIdOf } from '../../engine/node.js'
import type { Database } from '../../platform/database.js'
import type { DatabaseConfig } from '../../platform/database.settings.js'
import { decryptFile } from '../../platform/encryptedFile.js'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt, type PartyKey } from '../../platform/personal.js'
import type { openRates } from '../../platform/rates.js'
import type { Timings } from '../../platform/timings.js'
import { findPdf } from '../issued/makePdf.js'
import { requestPdf } from '../issued/requestPdf.js'
import { mandateEnded, pdfNotReady, unknownFile } from '../uploads/file.refusals.js'
import { answerWithoutBytes, findUpload, mayStillSend, receiveUpload } from '../uploads/receiveUpload.js'
import { bytesOf, seats } from '../uploads/sending.js'
import { UploadState, uploads } from '../uploads/upload.table.js'
import type { Way } from './address.js'
import { dispositionOf } from './disposition.js'
import { acceptFiles, idAt, inTime, type Route, refuseUnfit, routesOf, unkept } from './endpoint.js'
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

/**
 * Endpoints that receive uploads and serve files by signed URL. Register them in a separate scope: they accept bodies of any type
 * and read none into memory.
 */
export const fileEndpoints = (parts: Parts) => async (app: FastifyInstance) => {
  acceptFiles(app)
  const routes = routesOf(parts)
  const seated = seats()

  app.put<Route>('/uploads/:id', routes.put, async (request, reply) => {
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
  })

  app.get<Route>('/files/:id', routes.get, async (request, reply) => {
    const id = idAt('files', request, parts)
    const given = id.type === 'Upload' ? await cleanOf(id.key, parts) : await issuedOf(id.key, parts, reply)
    return await give(parts.files, given, reply)
  })
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
