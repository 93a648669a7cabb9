import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../src/config.js'
import { cloneDatabase } from './support/database.js'
import { asOperator, createServer } from './support/server.js'

const database = await cloneDatabase()
const app = await createServer({ config: configFrom({ LOG_LEVEL: 'silent' }), database })
afterAll(() => app.close())

const agency = '{ agency(code: "DVX") { name } }'
const page = '{ services(first: 50) { nodes { code name description } } }'
const get = (query: string, headers: Record<string, string> = {}) =>
  app.inject({ url: `/graphql?${new URLSearchParams({ query })}`, headers })
const post = (query: string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } })
// The first request with a document is answered another way, whose white space differs.
await get(agency)
await get(page)

describe('Caching', () => {
  it('is allowed for a minute if an anonymous GET asks for what is the same for everyone', async () => {
    const { headers } = await get(agency)
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=60',
      etag: expect.stringMatching(/^W\/"[\w-]{22}"$/),
      vary: 'Accept, Accept-Language, Accept-Encoding',
    })
  })

  it.each([
    ['a POST', () => post(agency), 200],
    ['a GET with a token', () => get(agency, asOperator), 200],
    ['a GET that asks for the caller', () => get('{ viewer { kind } agency(code: "DVX") { name } }'), 200],
    ['an answer with an error', () => get('{ agency(code: "DVX") { name } services { totalCount } }'), 200],
    ['an invalid operation', () => get('{ nothing }'), 200],
    ['a refused token', () => get(agency, { authorization: 'Bearer wrong' }), 401],
    ['a refused method', () => app.inject({ method: 'PUT', url: '/graphql' }), 405],
  ])('is forbidden for %s', async (_what, asked, status) => {
    const { headers, statusCode } = await asked()
    expect([statusCode, headers['cache-control'], headers.etag]).toEqual([status, 'no-store', undefined])
  })

  it('sees another answer in each language, and after a change', async () => {
    const etagIn = async (language: string) => (await get(agency, { 'accept-language': language })).headers.etag
    const before = [await etagIn('az'), await etagIn('en')]
    expect(new Set(before).size).toBe(2)
    await database.client`update agencies set name = name || '{"az": "DVX"}' where code = 'DVX'`
    expect([(await etagIn('az')) === before[0], await etagIn('en')]).toEqual([false, before[1]])
  })

  it.each([
    ['the ETag', (etag: string) => etag],
    ['a list with it', (etag: string) => `"x", ${etag}`],
    ['the ETag without W/', (etag: string) => etag.slice(2)],
    ['*', () => '*'],
  ])('is confirmed with 304 and no body for If-None-Match with %s', async (_what, known) => {
    const { etag } = (await get(page)).headers
    const again = await get(page, { 'if-none-match': known(String(etag)), 'accept-encoding': 'gzip' })
    expect([again.statusCode, again.body, again.headers['content-encoding']]).toEqual([304, '', undefined])
    expect(again.headers).toMatchObject({ etag, 'cache-control': 'public, max-age=60' })
    expect(again.headers.vary).toContain('Accept-Encoding')
  })

  it('answers in full for another ETag', async () =>
    expect((await get(page, { 'if-none-match': 'W/"other"' })).statusCode).toBe(200))
})

describe('Compression', () => {
  const plain = (body: Buffer) => body.toString()
  it.each<[accepted: string | undefined, encoding: string | undefined, open: (body: Buffer) => string]>([
    ['gzip, deflate, br, zstd', 'br', (body) => brotliDecompressSync(body).toString()],
    ['gzip', 'gzip', (body) => gunzipSync(body).toString()],
    ['gzip, br;q=0', 'gzip', (body) => gunzipSync(body).toString()],
    ['identity', undefined, plain],
    [undefined, undefined, plain],
  ])('of a long answer for Accept-Encoding "%s" is %s', async (accepted, encoding, open) => {
    const { headers, rawPayload } = await post(page, accepted === undefined ? {} : { 'accept-encoding': accepted })
    expect(headers['content-encoding']).toBe(encoding)
    expect(headers['content-length']).toBe(String(rawPayload.length))
    expect(headers.vary).toContain('Accept-Encoding')
    expect(open(rawPayload)).toBe((await post(page)).body)
  })

  it('leaves short answers as they are', async () =>
    expect((await post(agency, { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined())
})
