import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { configFrom } from '../../src/config.js'
import { type FileStore, NoRoom } from '../../src/documents/files/fileStore.js'
import { quarantineOf } from '../../src/documents/files/places.js'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { forgetParty } from '../../src/identity/parties/party.js'
import { rates as usual } from '../../src/platform/rates.js'
import { filesOfTest, pdfOf, wholeOf } from '../support/files.js'
import { createServer } from '../support/server.js'
import { piecesOf, uploading } from '../support/uploading.js'

const local = filesOfTest()
/** What the file store does instead of its work. */
let trouble: Partial<FileStore> = {}
const files: FileStore = new Proxy(local, { get: (_target, name: keyof FileStore) => trouble[name] ?? local[name] })
const { app, database, insertUpload, put, rowOf, eventsOf, seen, has, scan, hours } = await uploading(
  { CORS_ORIGINS: 'https://portal.example' },
  { files },
)
const pdf = pdfOf()
const isQuarantined = (key: string) => has(quarantineOf(key).file)
const refusalOf = ({ statusCode, json }: { statusCode: number; json(): any }) => [
  statusCode,
  json().errors[0].extensions.reason,
]
const messageOf = ({ json }: { json(): any }): string => json().errors[0].message

let port: number
beforeAll(async () => {
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
})
afterEach(() => {
  trouble = {}
  armFailpoints('')
  vi.useRealTimers()
})

/** A PUT over a connection of its own, whose bytes the test sends. */
function sender(path: string, headers: Record<string, string | number> = {}) {
  const sending = request({ port, path, method: 'PUT', agent: false, headers })
  sending.on('error', () => {}) // the test looks at the answer, or at what the server kept
  sending.flushHeaders()
  const answered = once(sending, 'response').then(async ([response]: IncomingMessage[]) => {
    const pieces = await response!.toArray()
    return {
      statusCode: response!.statusCode as number,
      headers: response!.headers,
      json: () => JSON.parse(pieces.join('')),
    }
  })
  answered.catch(() => {}) // as above
  return { sending, answered }
}
const written = (sending: ClientRequest, bytes: Buffer) =>
  new Promise<void>((settle) => {
    sending.write(bytes, () => settle())
  })

describe('uploadUrl', () => {
  it.each([
    ['too few bytes', pdf.subarray(1), 'upload.size_differs'],
    ['too many bytes', Buffer.concat([pdf, Buffer.from('x')]), 'upload.size_differs'],
    ['no bytes', Buffer.alloc(0), 'upload.size_differs'],
    ['other bytes', Buffer.concat([pdf.subarray(0, -1), Buffer.from('x')]), 'upload.hash_differs'],
  ])(
    'rejects %s, with and without a content length, and accepts the announced ones later',
    async (_what, bytes, reason) => {
      const { id, key, uploadUrl } = await insertUpload('WAITING', pdf)
      expect(refusalOf(await put(uploadUrl, bytes))).toEqual([422, reason])
      const { sending, answered } = sender(uploadUrl, { 'transfer-encoding': 'chunked' })
      sending.end(bytes)
      expect(refusalOf(await answered)).toEqual([422, reason])
      expect([(await rowOf(id)).state, await isQuarantined(key)]).toEqual(['WAITING', false])
      expect((await put(uploadUrl, pdf)).statusCode).toBe(200)
      expect(await eventsOf(id)).toEqual(['upload.received'])
    },
  )

  it('rejects a wrong content length before it reads a byte', async () => {
    const { uploadUrl } = await insertUpload('WAITING', pdf)
    const { answered } = sender(uploadUrl, { 'content-length': 5_000_000 })
    expect(refusalOf(await answered)).toEqual([422, 'upload.size_differs'])
  })

  it('stops reading after the announced number of bytes', async () => {
    const { uploadUrl } = await insertUpload('WAITING', pdf)
    const { sending, answered } = sender(uploadUrl, { 'transfer-encoding': 'chunked' })
    sending.write(Buffer.alloc(pdf.length + 1))
    expect(refusalOf(await answered)).toEqual([422, 'upload.size_differs'])
    sending.destroy()
  })

  it('explains a refusal in the language of the request', async () => {
    const { uploadUrl } = await insertUpload('WAITING', pdf)
    const words = ['az', 'en', 'ru'].map(async (language) => {
      const response = await put(uploadUrl, pdf.subarray(1), { 'accept-language': language })
      return [response.headers['content-language'], messageOf(response)]
    })
    expect(await Promise.all(words)).toEqual([
      ['az', expect.stringContaining('Elan edilmiş ölçü')],
      ['en', expect.stringContaining(`announced size is ${pdf.length} bytes; ${pdf.length - 1} bytes arrived`)],
      ['ru', expect.stringContaining('Заявлено')],
    ])
  })

  it('rejects any change to itself', async () => {
    const { id, uploadUrl } = await insertUpload('WAITING', pdf)
    const other = await insertUpload('WAITING', pdf)
    const [path, query = ''] = uploadUrl.split('?')
    for (const changed of [
      path!,
      `${path}?${query.replace(/expires=\d+/, 'expires=9999999999')}`,
      `${path}?${query.replace(/signature=(.)/, (_, first: string) => `signature=${first === '-' ? 'A' : '-'}`)}`,
      `${path}?${query}&expires=9999999999`,
      `${path}?${query.replace(/&signature=.*/, '')}`,
      `${path}?${query.replace(/signature=.*/, 'signature=')}`,
      `${other.uploadUrl.split('?')[0]}?${query}`,
    ])
      expect(refusalOf(await put(changed, pdf))).toEqual([403, 'address.not_ours'])
    expect((await app.inject(uploadUrl.replace('uploads', 'files'))).statusCode).toBe(403)
    expect((await rowOf(id)).state).toBe('WAITING')
  })

  it('expires after an hour, and the upload has a new one', async () => {
    const { id } = await insertUpload('WAITING', pdf)
    const { uploadUrl } = await seen(id)
    hours(1.1)
    expect(refusalOf(await put(uploadUrl, pdf))).toEqual([403, 'address.expired'])
    expect((await put((await seen(id)).uploadUrl, pdf)).statusCode).toBe(200)
  })

  it('is null once the upload has expired, and expires no later', async () => {
    const { id } = await insertUpload('WAITING', pdf)
    hours(23.5)
    const { uploadUrl } = await seen(id)
    hours(0.6)
    expect((await seen(id)).uploadUrl).toBeNull()
    expect(refusalOf(await put(uploadUrl, pdf))).toEqual([403, 'address.expired'])
  })

  it('says why an upload was refused', async () => {
    const text = Buffer.from('a text, which is none of what is taken')
    const { id, uploadUrl } = await insertUpload('SCANNING', text)
    await scan(id)
    const response = await put(uploadUrl, text)
    expect(refusalOf(response)).toEqual([409, 'upload.over'])
    expect(messageOf(response)).toContain('a PDF, JPEG or PNG')
  })

  it('answers upload.unknown once the party is forgotten', async () => {
    const { partyId, uploadUrl } = await insertUpload('WAITING', pdf, { persona: 'other-citizen' })
    await database.db.transaction((tx) => forgetParty(tx, partyId, new Date()))
    expect(refusalOf(await put(uploadUrl, pdf))).toEqual([404, 'upload.unknown'])
  })

  it('stores nothing if the data of the party is erased during the upload', async () => {
    const { id, key, partyId, uploadUrl } = await insertUpload('WAITING', pdf, { persona: 'stateless' })
    trouble.put = async (name, chunks) => {
      await local.put(name, chunks)
      await database.db.transaction((tx) => forgetParty(tx, partyId, new Date()))
    }
    expect(refusalOf(await put(uploadUrl, pdf))).toEqual([404, 'upload.unknown'])
    expect([(await rowOf(id)).state, await isQuarantined(key), await eventsOf(id)]).toEqual(['WAITING', false, []])
  })

  it.each([
    ['application/pdf', { 'content-type': 'application/pdf' }],
    ['application/json', { 'content-type': 'application/json' }],
    ['multipart/form-data', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['none', {}],
  ])('accepts any content type: %s', async (_type, headers) => {
    const { uploadUrl } = await insertUpload('WAITING', pdf)
    expect((await put(uploadUrl, pdf, headers)).statusCode).toBe(200)
  })

  it('rejects a part of a file and a content encoding', async () => {
    const { uploadUrl } = await insertUpload('WAITING', pdf)
    const part = await put(uploadUrl, pdf, { 'content-range': `bytes 0-${pdf.length - 1}/${pdf.length}` })
    expect(refusalOf(part)).toEqual([400, 'upload.in_parts'])
    const zipped = await put(uploadUrl, pdf, { 'content-encoding': 'gzip' })
    expect(refusalOf(zipped)).toEqual([415, 'upload.encoded'])
  })

  it('accepts requests from the pages of a known portal', async () => {
    const { uploadUrl } = await insertUpload('WAITING', pdf)
    const origin = { origin: 'https://portal.example' }
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: uploadUrl,
      headers: { ...origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' },
    })
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin.origin,
      'access-control-allow-methods': expect.stringContaining('PUT'),
    })
    const { headers, statusCode } = await put(uploadUrl, pdf, origin)
    expect(statusCode).toBe(200)
    expect(headers).toMatchObject({
      'access-control-allow-origin': origin.origin,
      'cache-control': 'private, no-store',
    })
  })

  it('stores bytes, encrypted, while they arrive', async () => {
    const bytes = randomBytes(600_000)
    const { key, uploadUrl } = await insertUpload('WAITING', bytes)
    let stored = 0
    let enough: () => void = () => {}
    const hasStoredEnough = new Promise<void>((settle) => {
      enough = settle
    })
    trouble.put = (name, chunks) =>
      local.put(
        name,
        (async function* () {
          for await (const chunk of chunks) {
            stored += chunk.length
            if (stored > 200_000) enough()
            yield chunk
          }
        })(),
      )
    const { sending, answered } = sender(uploadUrl, { 'content-length': bytes.length })
    await written(sending, bytes.subarray(0, 400_000))
    await hasStoredEnough
    sending.end(bytes.subarray(400_000))
    expect((await answered).statusCode).toBe(200)
    const encrypted = await wholeOf(await local.get(quarantineOf(key).file))
    expect(encrypted!.includes(bytes.subarray(1000, 1032))).toBe(false)
  })

  it('keeps nothing when the sender leaves, and accepts the file later', async () => {
    const { id, key, uploadUrl } = await insertUpload('WAITING', pdf)
    let failed: () => void = () => {}
    const hasFailed = new Promise<void>((settle) => {
      failed = settle
    })
    let hasBegun = false
    trouble.put = (name, chunks) => {
      hasBegun = true
      return local.put(name, chunks).finally(failed)
    }
    const { sending } = sender(uploadUrl, { 'content-length': pdf.length })
    await written(sending, pdf.subarray(0, 10))
    await vi.waitFor(() => expect(hasBegun).toBe(true), { interval: 5 })
    sending.destroy()
    await hasFailed
    expect([(await rowOf(id)).state, await isQuarantined(key)]).toEqual(['WAITING', false])
    trouble = {}
    expect((await put(uploadUrl, pdf)).statusCode).toBe(200)
  })

  it('cuts off a sender that falls silent', async () => {
    const { uploadUrl } = await insertUpload('WAITING', pdf)
    let began = false
    trouble.put = (name, chunks) => {
      began = true
      return local.put(name, chunks)
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { sending, answered } = sender(uploadUrl, { 'content-length': pdf.length })
    await written(sending, pdf.subarray(0, 10))
    await vi.waitFor(() => expect(began).toBe(true), { interval: 5 })
    let isOver = false
    answered.finally(() => {
      isOver = true
    })
    while (!isOver) {
      await vi.advanceTimersByTimeAsync(10_000)
      await sleep(20) // a real one, for what the timers wait for
    }
    const answer = await answered
    expect([...refusalOf(answer), answer.headers.connection]).toEqual([408, 'upload.too_slow', 'close'])
  })

  it('accepts four files of one party at a time, beside those of others', async () => {
    const uploads = await Promise.all(Array.from({ length: 5 }, () => insertUpload('WAITING', pdf)))
    const other = await insertUpload('WAITING', pdf, { persona: 'company-head' })
    let began = 0
    trouble.put = (name, chunks) => {
      began++
      return local.put(name, chunks)
    }
    const senders = uploads.slice(0, 4).map(({ uploadUrl }) => sender(uploadUrl, { 'content-length': pdf.length }))
    await vi.waitFor(() => expect(began).toBe(4), { interval: 5 })
    const fifth = uploads[4]!.uploadUrl
    const refused = await put(fifth, pdf)
    expect([...refusalOf(refused), refused.headers['retry-after']]).toEqual([429, 'upload.too_many_at_once', '5'])
    expect((await put(other.uploadUrl, pdf)).statusCode).toBe(200)
    for (const { sending } of senders) sending.end(pdf)
    for (const { answered } of senders) expect((await answered).statusCode).toBe(200)
    expect((await put(fifth, pdf)).statusCode).toBe(200)
  })

  it('counts against the request limit of the address that sends', async () => {
    const room = { points: 1_000, seconds: 60 }
    const rates = { ...usual, requests: { points: 3, seconds: 60 }, refusedSecrets: room, commands: room }
    const narrow = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database, files, rates })
    afterAll(() => narrow.close())
    const statuses = []
    for (let time = 0; time < 4; time++)
      statuses.push((await narrow.inject({ method: 'PUT', url: '/uploads/x?expires=1&signature=x' })).statusCode)
    expect(statuses).toEqual([403, 403, 403, 429])
  })

  it('answers upload.no_room when the store is full, and accepts the file later', async () => {
    const { uploadUrl } = await insertUpload('WAITING', pdf)
    trouble.put = async () => {
      throw new NoRoom(new Error('no space left'))
    }
    expect(refusalOf(await put(uploadUrl, pdf))).toEqual([507, 'upload.no_room'])
    trouble = {}
    expect((await put(uploadUrl, pdf)).statusCode).toBe(200)
  })

  it('answers 503 without details when the store fails', async () => {
    const { id, uploadUrl } = await insertUpload('WAITING', pdf)
    trouble.put = async () => {
      throw new Error('the secret name of a machine')
    }
    const { statusCode, body } = await put(uploadUrl, pdf)
    expect([statusCode, body]).toEqual([503, expect.not.stringContaining('secret')])
    expect((await rowOf(id)).state).toBe('WAITING')
  })

  it('accepts the same bytes again, and receives them once, also when two senders are at it', async () => {
    const { id, uploadUrl } = await insertUpload('WAITING', pdf)
    const answers = await Promise.all([put(uploadUrl, pdf), put(uploadUrl, pdf)])
    answers.push(await put(uploadUrl, pdf))
    const answer = { id, state: 'SCANNING' }
    expect(answers.map(({ statusCode, json }) => [statusCode, json()])).toEqual(Array(3).fill([200, answer]))
    await scan(id)
    expect((await put(uploadUrl, pdf)).json()).toEqual({ id, state: 'CLEAN' })
    expect(await eventsOf(id)).toEqual(['upload.received', 'upload.found_clean'])
  })

  it('repeats safely after the API died before or after it marked the upload as received', async () => {
    const { id, key, uploadUrl } = await insertUpload('WAITING', pdf)
    armFailpoints('upload.stored=throw')
    expect((await put(uploadUrl, pdf)).statusCode).toBe(503)
    expect([(await rowOf(id)).state, await isQuarantined(key)]).toEqual(['WAITING', true])
    armFailpoints('upload.received=throw')
    expect((await put(uploadUrl, pdf)).statusCode).toBe(503)
    expect((await rowOf(id)).state).toBe('SCANNING')
    expect((await put(uploadUrl, pdf)).json().state).toBe('SCANNING')
    expect(await eventsOf(id)).toEqual(['upload.received'])
  })

  it('removes the bytes of a slow second sender when those of the first are scanned already', async () => {
    const { id, key, uploadUrl } = await insertUpload('WAITING', pdf)
    let isFirst = true
    trouble.put = async (name, chunks) => {
      await local.put(name, chunks)
      if (!isFirst) return
      isFirst = false
      await put(uploadUrl, pdf)
      await scan(id)
      await local.put(name, piecesOf(Buffer.from('x'))) // the slow sender ends last
    }
    expect((await put(uploadUrl, pdf)).json().state).toBe('CLEAN')
    expect([await isQuarantined(key), (await rowOf(id)).state]).toEqual([false, 'CLEAN'])
  })
})
