import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { dispositionOf } from '../../src/documents/files/disposition.js'
import { keptOf, quarantineOf } from '../../src/documents/files/places.js'
import { keysOf } from '../../src/identity/parties/party.js'
import { encryptFile } from '../../src/platform/encryptedFile.js'
import { silentDatabase } from '../support/database.js'
import { filesOfTest, jpegOf, pdfOf, pngOf, wholeOf } from '../support/files.js'
import { createServer, keyringOfFile } from '../support/server.js'
import { piecesOf, uploading } from '../support/uploading.js'

const files = filesOfTest()
const { app, database, insertUpload, seen, hours } = await uploading(
  { CORS_ORIGINS: 'https://portal.example' },
  { files },
)

describe('downloadUrl', () => {
  it.each([
    ['application/pdf', pdfOf({ pages: 40 })],
    ['image/png', pngOf()],
    ['image/jpeg', jpegOf()],
  ])('serves a file as it was sent, as %s', async (mediaType, bytes) => {
    const { downloadUrl } = await insertUpload('CLEAN', bytes, { mediaType })
    const { statusCode, headers, rawPayload } = await app.inject(downloadUrl)
    expect([statusCode, rawPayload.equals(bytes)]).toEqual([200, true])
    expect(headers).toMatchObject({ 'content-type': mediaType, 'content-length': String(bytes.length) })
  })

  it('serves a file to be saved, not to be shown, cached or sniffed', async () => {
    const { downloadUrl } = await insertUpload('CLEAN')
    const { headers } = await app.inject({ url: downloadUrl, headers: { origin: 'https://portal.example' } })
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

  it('answers 503 in time if the database hangs, as uploadUrl does', async () => {
    const [clean, waiting] = [await insertUpload('CLEAN'), await insertUpload('WAITING')]
    const config = { ...configFrom({ LOG_LEVEL: 'silent' }), requestTimeout: 100 }
    const hung = await createServer({ config, database: { ...database, ...(await silentDatabase()) }, files })
    for (const asked of [
      { method: 'GET' as const, url: clean.downloadUrl },
      { method: 'PUT' as const, url: waiting.uploadUrl, payload: pdfOf() },
    ])
      expect((await hung.inject(asked)).json().errors[0].extensions.code).toBe('SERVICE_UNAVAILABLE')
    await hung.close()
  })

  it('serves one file for five minutes', async () => {
    const [{ id }, other] = [await insertUpload('CLEAN'), await insertUpload('CLEAN')]
    const address: string = (await seen(id)).downloadUrl
    const [path, query] = address.split('?')
    for (const url of [
      path!,
      `${path}?${query?.replace(/expires=\d+/, 'expires=9999999999')}`,
      `${other.downloadUrl.split('?')[0]}?${query}`,
    ])
      expect((await app.inject(url)).json().errors[0].extensions).toEqual({
        code: 'FORBIDDEN',
        reason: 'address.not_ours',
      })
    expect((await app.inject(address)).statusCode).toBe(200)
    hours(0.09)
    const { statusCode, json } = await app.inject({ url: address, headers: { 'accept-language': 'ru' } })
    expect([statusCode, json().errors[0]]).toEqual([
      403,
      {
        message: expect.stringContaining('Срок действия'),
        extensions: { code: 'FORBIDDEN', reason: 'address.expired' },
      },
    ])
  })

  it('accepts no PUT, and its signature is not valid for a uploadUrl', async () => {
    const { downloadUrl: url } = await insertUpload('CLEAN')
    expect((await app.inject({ method: 'PUT', url, payload: 'x' })).statusCode).toBe(404)
    const putUrl = url.replace('files', 'uploads')
    expect((await app.inject({ method: 'PUT', url: putUrl, payload: 'x' })).statusCode).toBe(403)
  })

  it.each(['WAITING', 'SCANNING', 'REFUSED'] as const)(
    'is null, and serves nothing, while a file is %s',
    async (state) => {
      const { id, downloadUrl } = await insertUpload(state)
      expect((await seen(id)).downloadUrl).toBeNull()
      expect((await app.inject(downloadUrl)).statusCode).toBe(404)
    },
  )

  const bytes = Buffer.concat([pdfOf(), randomBytes(150_000)])

  it('breaks the connection when the stored file is cut off or changed', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const { key, downloadUrl: path } = await insertUpload('CLEAN', bytes)
    const { file } = keptOf(key)
    const encrypted = (await wholeOf(await files.get(file)))!
    for (const changed of [
      encrypted.subarray(0, 100_000),
      Buffer.concat([encrypted.subarray(0, -5), Buffer.from('xxxxx')]),
    ]) {
      await files.put(file, piecesOf(changed))
      const [response] = (await once(get({ port, path, agent: false }), 'response')) as [IncomingMessage]
      expect(response.statusCode).toBe(200)
      await expect(wholeOf(response)).rejects.toThrow('aborted')
    }
  })

  it('does not serve the file of the quarantine in place of the scanned one, nor a missing one', async () => {
    const { key, partyId, downloadUrl } = await insertUpload('CLEAN', bytes)
    const partyKey = (await keysOf(database, keyringOfFile, [partyId])).get(partyId)!
    const { file } = keptOf(key)
    await files.put(file, encryptFile(piecesOf(bytes), partyKey, quarantineOf(key).place))
    expect((await app.inject(downloadUrl)).statusCode).toBe(503)
    await files.remove(file)
    expect((await app.inject(downloadUrl)).statusCode).toBe(503)
  })
})

describe('dispositionOf', () => {
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
  ])('makes the name %j safe', (name, plain, encoded) => {
    expect(dispositionOf(name, 'application/pdf')).toBe(`attachment; filename="${plain}"; filename*=UTF-8''${encoded}`)
  })
})
