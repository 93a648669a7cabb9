import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { keptOf, quarantineOf } from '../../src/documents/places.js'
import { keysOf } from '../../src/identity/party.js'
import { sealedFile } from '../../src/shared/sealedFile.js'
import { filesOfTest, jpegOf, pdfOf, pngOf, wholeOf } from '../support/files.js'
import { keyringOfFile } from '../support/server.js'
import { keyOf, uploading } from '../support/uploading.js'

const files = filesOfTest()
const { app, database, announce, put, rowOf, seen, uploaded, hours, scan } = await uploading(
  { CORS_ORIGINS: 'https://portal.example' },
  { files },
)
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo

const addressOf = async (id: string) => (await seen(id)).downloadAddress as string
const fetched = async (id: string, headers = {}) => app.inject({ url: await addressOf(id), headers })

describe('A file is fetched', () => {
  it.each([
    ['application/pdf', pdfOf({ pages: 40 })],
    ['image/png', pngOf()],
    ['image/jpeg', jpegOf()],
  ])('as it was sent, as %s', async (mediaType, bytes) => {
    const { statusCode, headers, rawPayload } = await fetched(await uploaded(bytes, { name: 'a file' }))
    expect([statusCode, rawPayload.equals(bytes)]).toEqual([200, true])
    expect(headers).toMatchObject({ 'content-type': mediaType, 'content-length': String(bytes.length) })
  })

  it('to be saved, and never shown, kept or guessed at', async () => {
    const { headers } = await fetched(await uploaded(pdfOf()), { origin: 'https://portal.example' })
    expect(headers).toMatchObject({
      'content-disposition': `attachment; filename="a file.pdf"; filename*=UTF-8''a%20file.pdf`,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'cache-control': 'private, no-store',
      'access-control-allow-origin': 'https://portal.example',
      'access-control-expose-headers': expect.stringContaining('Content-Disposition'),
    })
  })

  it.each([
    ['Ərizə №1.pdf', '_riz_ _1.pdf', '%C6%8Friz%C9%99%20%E2%84%961.pdf'],
    [`"'; x=y.pdf`, `_'; x=y.pdf`, '_%27%3B%20x%3Dy.pdf'],
    ['100% (sure)*.pdf', '100_ (sure)_.pdf', '100%25%20%28sure%29_.pdf'],
    ['a page.html', 'a page.html.pdf', 'a%20page.html.pdf'],
    ['run.exe', 'run.exe.pdf', 'run.exe.pdf'],
    ['SCAN.PDF', 'SCAN.PDF', 'SCAN.PDF'],
    ['no ending', 'no ending.pdf', 'no%20ending.pdf'],
    ['...hidden.pdf', '_hidden.pdf', '_hidden.pdf'],
    ['CON:aux?.pdf', 'CON_aux_.pdf', 'CON_aux_.pdf'],
  ])('under the name %j, as far as that is safe', async (name, plain, encoded) => {
    const { headers } = await fetched(await uploaded(pdfOf(), { name }))
    expect(headers['content-disposition']).toBe(`attachment; filename="${plain}"; filename*=UTF-8''${encoded}`)
  })
})

describe('An address to fetch from', () => {
  it('is good for five minutes and for one file', async () => {
    const [id, other] = [await uploaded(pdfOf()), await uploaded(pdfOf({ pages: 2 }))]
    const address = await addressOf(id)
    const [path, query] = address.split('?')
    for (const url of [
      ...[path, `${path}?${query?.replace(/expires=\d+/, 'expires=9999999999')}`],
      `${(await addressOf(other)).split('?')[0]}?${query}`,
    ])
      expect((await app.inject(url!)).json().errors[0].extensions).toEqual({
        code: 'FORBIDDEN',
        reason: 'address.not_ours',
      })
    expect((await app.inject(address)).statusCode).toBe(200)
    hours(0.09)
    const { statusCode, json } = await app.inject({ url: address, headers: { 'accept-language': 'ru' } })
    expect([statusCode, json().errors[0]]).toEqual([
      ...[
        403,
        {
          message: expect.stringContaining('Срок действия'),
          extensions: { code: 'FORBIDDEN', reason: 'address.expired' },
        },
      ],
    ])
  })

  it('is not one to send to', async () => {
    const id = await uploaded(pdfOf())
    const address = await addressOf(id)
    expect((await app.inject({ method: 'PUT', url: address, payload: 'x' })).statusCode).toBe(404)
    expect(
      (await app.inject({ method: 'PUT', url: address.replace('files', 'uploads'), payload: 'x' })).statusCode,
    ).toBe(403)
  })

  it('is none before a file was found clean', async () => {
    const { upload } = await announce(pdfOf())
    expect(upload.downloadAddress).toBeNull()
    await put(upload.putAddress, pdfOf())
    expect(await addressOf(upload.id)).toBeNull()
    await scan(upload.id)
    expect(await addressOf(upload.id)).toMatch(/^\/files\//)
  })
})

describe('What was changed where it stands', () => {
  const get_ = async (path: string) => {
    const [response] = (await once(get({ port, path, agent: false }), 'response')) as [IncomingMessage]
    return { response, bytes: await wholeOf(response).catch((error: Error) => error) }
  }
  const bytes = Buffer.concat([pdfOf(), randomBytes(300_000), Buffer.from('%%EOF startxref')])

  it('breaks off, and is never taken for the whole', async () => {
    const id = await uploaded(bytes)
    const { file } = keptOf(keyOf(id))
    const sealed = (await wholeOf(await files.get(file)))!
    for (const changed of [
      sealed.subarray(0, 200_000),
      Buffer.concat([sealed.subarray(0, -5), Buffer.from('xxxxx')]),
    ]) {
      await files.put(file, piecesOf(changed))
      const { response, bytes: come } = await get_(await addressOf(id))
      expect([response.statusCode, come instanceof Error && come.message]).toEqual([200, 'aborted'])
    }
  })

  it('is not replaced by what was never looked through', async () => {
    const id = await uploaded(bytes)
    const { partyId } = await rowOf(id)
    const key = (await keysOf(database, keyringOfFile, [partyId])).get(partyId)!
    // Of the same upload and under its key, but as it stands in quarantine.
    await files.put(keptOf(keyOf(id)).file, sealedFile(piecesOf(bytes), key, quarantineOf(keyOf(id)).place))
    expect((await app.inject(await addressOf(id))).statusCode).toBe(503)
    await files.remove(keptOf(keyOf(id)).file)
    expect((await app.inject(await addressOf(id))).statusCode).toBe(503)
  })
})

async function* piecesOf(bytes: Buffer) {
  yield bytes
}
