import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type FileStore, NoRoom } from '../../src/documents/fileStore.js'
import { quarantineOf } from '../../src/documents/places.js'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { forgetParty } from '../../src/identity/party.js'
import { filesOfTest, pdfOf, wholeOf } from '../support/files.js'
import { partiesIn } from '../support/parties.js'
import { as } from '../support/tokens.js'
import { keyOf, uploading } from '../support/uploading.js'

const local = filesOfTest()
/** How the store is at present. */
let trouble: Partial<FileStore> = {}
const files: FileStore = new Proxy(local, { get: (_target, name: keyof FileStore) => trouble[name] ?? local[name] })
const { app, database, announce, put, rowOf, eventsOf, seen, scan, hours } = await uploading(
  { CORS_ORIGINS: 'https://portal.example' },
  { files },
)
const parties = partiesIn(database)
const pdf = pdfOf()
const quarantined = async (id: string) => {
  const file = await local.get(quarantineOf(keyOf(id)).file)
  file?.destroy()
  return file !== undefined
}
async function* piecesOf(text: string) {
  yield Buffer.from(text)
}
/** What is told of a refusal. */
const told = ({ statusCode, json }: { statusCode: number; json(): any }) => {
  const [{ message, extensions }] = json().errors
  return [statusCode, extensions.reason, message]
}

let port: number
beforeAll(async () => {
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
})
afterEach(() => {
  trouble = {}
  vi.useRealTimers()
})

/** A sender over a connection of its own, who sends when the test says so. */
function sender(path: string, headers: Record<string, string | number> = {}) {
  const asking = request({ port, path, method: 'PUT', agent: false, headers })
  asking.on('error', () => {}) // told by what the test looks at
  asking.flushHeaders()
  const answered = once(asking, 'response').then(async ([response]: IncomingMessage[]) => {
    const pieces = await response!.toArray()
    return {
      statusCode: response!.statusCode as number,
      headers: response!.headers,
      json: () => JSON.parse(pieces.join('')),
    }
  })
  answered.catch(() => {})
  return { asking, answered }
}
const written = (asking: ClientRequest, bytes: Buffer) =>
  new Promise<void>((settle) => {
    asking.write(bytes, () => settle())
  })

describe('Bytes that are not what was announced are refused, and it waits still: ', () => {
  const cases: Record<string, [bytes: Buffer, reason: string]> = {
    'too few': [pdf.subarray(1), 'upload.size_differs'],
    'too many': [Buffer.concat([pdf, Buffer.from('x')]), 'upload.size_differs'],
    none: [Buffer.alloc(0), 'upload.size_differs'],
    others: [Buffer.concat([pdf.subarray(0, -1), Buffer.from('x')]), 'upload.hash_differs'],
  }
  it.each(Object.entries(cases))('%s', async (_which, [bytes, reason]) => {
    const { upload } = await announce(pdf)
    expect(told(await put(upload.putAddress, bytes)).slice(0, 2)).toEqual([422, reason])
    // Without a length told before.
    const { asking, answered } = sender(upload.putAddress, { 'transfer-encoding': 'chunked' })
    asking.end(bytes)
    expect(told(await answered).slice(0, 2)).toEqual([422, reason])
    expect([(await rowOf(upload.id)).state, await quarantined(upload.id)]).toEqual(['WAITING', false])
    expect((await put(upload.putAddress, pdf)).statusCode).toBe(200)
    expect(await eventsOf(upload.id)).toEqual(['upload.announced', 'upload.received'])
  })

  it('told by the length before a byte is read', async () => {
    const { upload } = await announce(pdf)
    const { answered } = sender(upload.putAddress, { 'content-length': 5_000_000 })
    expect(told(await answered).slice(0, 2)).toEqual([422, 'upload.size_differs'])
  })

  it('told in the language of who sends', async () => {
    const { upload } = await announce(pdf)
    const words = ['az', 'en', 'ru'].map(async (language) => {
      const response = await put(upload.putAddress, pdf.subarray(1), { 'accept-language': language })
      return [response.headers['content-language'], told(response)[2]]
    })
    expect(await Promise.all(words)).toEqual([
      ['az', expect.stringContaining('Elan edilmiş ölçü')],
      ['en', expect.stringContaining(`announced with ${pdf.length} bytes; ${pdf.length - 1} came`)],
      ['ru', expect.stringContaining('Заявлено')],
    ])
  })

  it('and an end without an end is heard no longer than what was announced', async () => {
    const { upload } = await announce(pdf)
    const { asking, answered } = sender(upload.putAddress, { 'transfer-encoding': 'chunked' })
    asking.write(Buffer.alloc(pdf.length + 1))
    expect(told(await answered).slice(0, 2)).toEqual([422, 'upload.size_differs'])
    asking.destroy()
  })
})

describe('An address', () => {
  it('is good as it was given, and not otherwise', async () => {
    const { upload } = await announce(pdf)
    const other = (await announce(pdf)).upload
    const [path, query] = upload.putAddress.split('?')
    for (const changed of [
      path,
      `${path}?${query.replace(/expires=\d+/, 'expires=9999999999')}`,
      `${path}?${query.replace(/signature=(.)/, (_: string, first: string) => `signature=${first === '-' ? 'A' : '-'}`)}`,
      `${path}?${query}&expires=9999999999`,
      `${path}?${query.replace(/&signature=.*/, '')}`,
      `${path}?${query.replace(/signature=.*/, 'signature=')}`,
      `${other.putAddress.split('?')[0]}?${query}`,
    ])
      expect(told(await put(changed, pdf)).slice(0, 2)).toEqual([403, 'address.not_ours'])
    expect((await app.inject(upload.putAddress.replace('uploads', 'files'))).statusCode).toBe(403)
    expect((await rowOf(upload.id)).state).toBe('WAITING')
  })

  it('expires, and another is asked for', async () => {
    const { upload } = await announce(pdf)
    hours(2)
    expect(told(await put(upload.putAddress, pdf)).slice(0, 2)).toEqual([403, 'address.expired'])
    const { putAddress } = await seen(upload.id)
    expect((await put(putAddress, pdf)).statusCode).toBe(200)
  })

  it('is none any more once the upload has expired', async () => {
    const { upload } = await announce(pdf)
    hours(23.5)
    const { putAddress } = await seen(upload.id)
    hours(0.6)
    expect((await seen(upload.id)).putAddress).toBeNull()
    expect(told(await put(putAddress, pdf)).slice(0, 2)).toEqual([403, 'address.expired'])
  })

  it('of what was refused says why', async () => {
    const text = Buffer.from('a text, which is none of what is taken')
    const { upload } = await announce(text)
    await put(upload.putAddress, text)
    await scan(upload.id)
    expect(told(await put(upload.putAddress, text))).toEqual([
      409,
      'upload.over',
      expect.stringContaining('PDF, JPEG and PNG'),
    ])
  })

  it('of whose party was forgotten is that of nothing', async () => {
    const { upload } = await announce(pdf, {}, await as('other-citizen'))
    const party = await parties.persona('other-citizen')
    await database.db.transaction((tx) => forgetParty(tx, party, new Date()))
    expect(told(await put(upload.putAddress, pdf)).slice(0, 2)).toEqual([404, 'upload.unknown'])
  })
})

describe('A request', () => {
  it('may say any content type or none', async () => {
    for (const type of ['application/pdf', 'application/json', 'text/plain', 'multipart/form-data; boundary=x', '']) {
      const { upload } = await announce(pdf)
      const headers = type ? { 'content-type': type } : undefined
      expect([type, (await put(upload.putAddress, pdf, headers)).statusCode]).toEqual([type, 200])
    }
  })

  it('sends the file whole and as it is', async () => {
    const { upload } = await announce(pdf)
    const inParts = await put(upload.putAddress, pdf, { 'content-range': `bytes 0-${pdf.length - 1}/${pdf.length}` })
    expect(told(inParts).slice(0, 2)).toEqual([400, 'upload.in_parts'])
    const zipped = await put(upload.putAddress, pdf, { 'content-encoding': 'gzip' })
    expect(told(zipped).slice(0, 2)).toEqual([415, 'upload.encoded'])
  })

  it('may come from a page of a portal that is known', async () => {
    const { upload } = await announce(pdf)
    const origin = { origin: 'https://portal.example' }
    const preflight = await app.inject({
      ...{ method: 'OPTIONS', url: upload.putAddress },
      headers: { ...origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' },
    })
    expect([preflight.statusCode, preflight.headers]).toMatchObject([
      204,
      { 'access-control-allow-origin': origin.origin, 'access-control-allow-methods': expect.stringContaining('PUT') },
    ])
    const { headers, statusCode } = await put(upload.putAddress, pdf, origin)
    expect([statusCode, headers['access-control-allow-origin'], headers['cache-control']]).toEqual([
      ...[200, origin.origin, 'private, no-store'],
    ])
  })

  it('is written away as it comes, and is not waited for in memory', async () => {
    const bytes = randomBytes(3_000_000)
    const { upload } = await announce(bytes)
    let come = 0
    let enough: () => void = () => {}
    const hasCome = new Promise<void>((settle) => {
      enough = settle
    })
    trouble.put = (name, chunks) =>
      local.put(
        name,
        (async function* () {
          for await (const chunk of chunks) {
            come += chunk.length
            if (come > 1_000_000) enough()
            yield chunk
          }
        })(),
      )
    const { asking, answered } = sender(upload.putAddress, { 'content-length': bytes.length })
    await written(asking, bytes.subarray(0, 2_000_000))
    await hasCome
    asking.end(bytes.subarray(2_000_000))
    expect((await answered).statusCode).toBe(200)
    const sealed = await wholeOf(await local.get(quarantineOf(keyOf(upload.id)).file))
    expect(sealed!.includes(bytes.subarray(1000, 1032))).toBe(false)
  })
})

describe('Whoever sends', () => {
  it('and leaves has sent nothing', async () => {
    const { upload } = await announce(pdf)
    let failed: () => void = () => {}
    const hasFailed = new Promise<void>((settle) => {
      failed = settle
    })
    let hasBegun = false
    trouble.put = (name, chunks) => {
      hasBegun = true
      return local.put(name, chunks).finally(failed)
    }
    const { asking } = sender(upload.putAddress, { 'content-length': pdf.length })
    await written(asking, pdf.subarray(0, 10))
    await vi.waitFor(() => expect(hasBegun).toBe(true))
    asking.destroy()
    await hasFailed
    expect([(await rowOf(upload.id)).state, await quarantined(upload.id)]).toEqual(['WAITING', false])
    trouble = {}
    expect((await put(upload.putAddress, pdf)).statusCode).toBe(200)
  })

  it('and falls silent is told so, and cut off', async () => {
    const { upload } = await announce(pdf)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { asking, answered } = sender(upload.putAddress, { 'content-length': pdf.length })
    await written(asking, pdf.subarray(0, 10))
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { interval: 5 })
    let isOver = false
    answered.finally(() => {
      isOver = true
    })
    while (!isOver) {
      await vi.advanceTimersByTimeAsync(10_000)
      await new Promise((settle) => setImmediate(settle))
    }
    const answer = await answered
    expect([...told(answer).slice(0, 2), answer.headers.connection]).toEqual([408, 'upload.too_slow', 'close'])
    vi.useRealTimers()
    expect((await put(upload.putAddress, pdf)).statusCode).toBe(200)
  })

  it('has four places at once for one party, and there are others’ beside', async () => {
    const uploads = await Promise.all(Array.from({ length: 5 }, () => announce(pdf)))
    const other = await announce(pdf, {}, await as('company-head'))
    let began = 0
    trouble.put = (name, chunks) => {
      began++
      return local.put(name, chunks)
    }
    const sending = uploads.slice(0, 4).map(({ upload }) => sender(upload.putAddress, { 'content-length': pdf.length }))
    await vi.waitFor(() => expect(began).toBe(4))
    const fifth = await put(uploads[4]!.upload.putAddress, pdf)
    expect([...told(fifth).slice(0, 2), fifth.headers['retry-after']]).toEqual([429, 'upload.too_many_at_once', '5'])
    expect((await put(other.upload.putAddress, pdf)).statusCode).toBe(200)
    for (const { asking } of sending) asking.end(pdf)
    for (const { answered } of sending) expect((await answered).statusCode).toBe(200)
    expect((await put(uploads[4]!.upload.putAddress, pdf)).statusCode).toBe(200)
  })

  it('may ask so much and no more', async () => {
    const room = { points: 1_000, seconds: 60 }
    const narrow = await uploading(
      {},
      { rates: { requests: { points: 3, seconds: 60 }, refusedSecrets: room, commands: room } },
    )
    const statuses = []
    for (let time = 0; time < 4; time++)
      statuses.push((await narrow.put('/uploads/x?expires=1&signature=x', pdf)).statusCode)
    expect(statuses).toEqual([403, 403, 403, 429])
  })
})

describe('Where files stand', () => {
  it('there may be no room, which is told', async () => {
    const { upload } = await announce(pdf)
    trouble.put = async () => {
      throw new NoRoom(new Error('no space left'))
    }
    expect(told(await put(upload.putAddress, pdf)).slice(0, 2)).toEqual([507, 'upload.no_room'])
    trouble = {}
    expect((await put(upload.putAddress, pdf)).statusCode).toBe(200)
  })

  it('there may be no answer, of which no more is told than that', async () => {
    const { upload } = await announce(pdf)
    trouble.put = async () => {
      throw new Error('the secret name of a machine')
    }
    const { statusCode, body } = await put(upload.putAddress, pdf)
    expect([statusCode, body]).toEqual([503, expect.not.stringContaining('secret')])
    expect((await rowOf(upload.id)).state).toBe('WAITING')
  })

  it('there is nothing of a party that was forgotten while it sent', async () => {
    const headers = await as('stateless')
    const { upload } = await announce(pdf, {}, headers)
    trouble.put = async (name, chunks) => {
      await local.put(name, chunks)
      await database.db.transaction(async (tx) => forgetParty(tx, await parties.persona('stateless'), new Date()))
    }
    expect(told(await put(upload.putAddress, pdf)).slice(0, 2)).toEqual([404, 'upload.unknown'])
    expect([(await rowOf(upload.id)).state, await quarantined(upload.id)]).toEqual(['WAITING', false])
    expect(await eventsOf(upload.id)).toEqual(['upload.announced'])
  })

  it('an API that dies before it has said so leaves what a repeat makes whole', async () => {
    const { upload } = await announce(pdf)
    armFailpoints('upload.stored=throw')
    expect((await put(upload.putAddress, pdf)).statusCode).toBe(503)
    expect([(await rowOf(upload.id)).state, await quarantined(upload.id)]).toEqual(['WAITING', true])
    armFailpoints('upload.received=throw')
    expect((await put(upload.putAddress, pdf)).statusCode).toBe(503)
    expect((await rowOf(upload.id)).state).toBe('SCANNING')
    expect((await put(upload.putAddress, pdf)).json().state).toBe('SCANNING')
    expect(await eventsOf(upload.id)).toEqual(['upload.announced', 'upload.received'])
  })

  it('what a slow second sender brings is taken out where the first one’s has been looked through already', async () => {
    const { upload } = await announce(pdf)
    let wait = true
    trouble.put = async (name, chunks) => {
      await local.put(name, chunks)
      if (!wait) return
      wait = false
      await put(upload.putAddress, pdf)
      await scan(upload.id)
      await local.put(name, piecesOf('x')) // as the later one of both stands there
    }
    expect((await put(upload.putAddress, pdf)).json().state).toBe('CLEAN')
    expect([await quarantined(upload.id), (await rowOf(upload.id)).state]).toEqual([false, 'CLEAN'])
  })
})
