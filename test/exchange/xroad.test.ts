import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { FailureReason } from '../../src/shared/exchange.js'
import { ask, openedExchange, question } from '../support/openedExchange.js'
import { clientOfTest, exchangeOf, registryServer, systemOfTest, type Trouble } from '../support/registryServer.js'

const uuid = /^[0-9a-f-]{36}$/

describe('A question to a registry', () => {
  it('goes to its service, says who asks, and brings an answer with its evidence', async () => {
    const server = await registryServer({ holds: () => ({ subject: 'TEST001', fines: [] }) })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    const told = { issue: 'APP-2026/17', representedParty: 'COM/9900000141', query: { vehicle: '10-XX 001' } }
    const reply = await ask(exchange, 'FINES', { ...told, path: ['persons', 'TEST001/../x'] })
    expect(reply).toEqual({
      answer: { subject: 'TEST001', fines: [] },
      ...{ messageId: expect.stringMatching(uuid), requestHash: expect.stringMatching(/==$/) },
      service: `${systemOfTest}/fines`,
    })
    const [{ method, url, headers, body }] = server.received as [any]
    expect([method, url, body]).toEqual([
      'GET',
      `/r1/${systemOfTest}/fines/persons/TEST001%2F..%2Fx?vehicle=10-XX%20001`,
      '',
    ])
    expect(headers).toMatchObject({
      ...{ accept: 'application/json', 'x-road-client': clientOfTest, 'x-road-id': (reply as any).messageId },
      ...{ 'x-road-userid': 'person:0192', 'x-road-issue': 'APP-2026/17' },
      'x-road-represented-party': 'COM/9900000141',
    })
    expect(headers).not.toHaveProperty('content-type')
  })

  it('may have a body, in UTF-8', async () => {
    const server = await registryServer({ holds: ({ body }) => JSON.parse(body) })
    const { exchange } = openedExchange(exchangeOf({ POPULATION: server }))
    const body = { fins: ['TEST001'], note: 'Ə' }
    expect(await ask(exchange, 'POPULATION', { method: 'POST', path: ['query'], body })).toMatchObject({ answer: body })
    expect(server.received[0]?.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('to a registry that holds nothing of it has the answer null, and evidence of that', async () => {
    const server = await registryServer({ holds: () => null })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange)).toEqual({
      ...{ answer: null, messageId: expect.stringMatching(uuid), requestHash: expect.any(String) },
      service: `${systemOfTest}/fines`,
    })
    expect(server.received).toHaveLength(1)
  })

  it('to a registry that nobody configured is not sent', async () => {
    const { exchange } = openedExchange(exchangeOf({}))
    for (const code of ['FINES', '__proto__', 'constructor']) {
      expect(await ask(exchange, code)).toEqual({ failed: 'NOT_CONNECTED', retryAt: null, messageId: null })
      expect(exchange.healthOf(code).status).toBe('NOT_CONNECTED')
    }
  })

  it.each([
    { path: ['persons', '..'] },
    { path: ['persons', '\ud800'] },
    { issue: 'A\r\nX-Road-Client: AZ/GOV/1/OTHER' },
  ])('that cannot be sent as it is, as %j, is not', async (told) => {
    const server = await registryServer()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange, 'FINES', told)).toEqual({ failed: 'REFUSED', retryAt: null, messageId: null })
    expect(server.received).toHaveLength(0)
    expect(lines).toMatchObject([{ level: 'warn', what: { registry: 'FINES', reason: 'REFUSED', messageId: null } }])
  })

  it('after its deadline is not sent', async () => {
    const server = await registryServer()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    for (const deadline of [Date.now(), Date.now() - 1])
      expect(await ask(exchange, 'FINES', { deadline })).toEqual({
        ...{ failed: 'TIMED_OUT', retryAt: null, messageId: null },
      })
    expect(server.received).toHaveLength(0)
  })

  it('is asked over a connection that is kept', async () => {
    const server = await registryServer()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    const kinds = [undefined, { status: 404 }, { status: 403 }, { fault: 'Client.BadRequest' }]
    server.be(Array(4).fill(kinds).flat())
    for (let asked = 0; asked < 16; asked++) await ask(exchange)
    expect(server.received).toHaveLength(16)
    // The one before may not have come to rest when the next question goes.
    expect(server.connections()).toBeLessThanOrEqual(2)
  })
})

const invalid: Trouble[] = [
  ...(['wrong id', 'wrong client', 'wrong service', 'no names', 'name twice', 'garbled hash'] as const),
  ...(['endless body', 'huge header', 'no HTTP'] as const),
  { status: 302, headers: { location: '/elsewhere' } },
  { status: 204, body: '' },
  { status: 404, headers: { 'x-road-id': 'another' } },
  { headers: { 'content-type': 'text/html' } },
  { headers: { 'content-encoding': 'gzip' } },
  { body: '' },
  { body: '{"subject":' },
  { body: Buffer.from([0x22, 0xff, 0x22]) },
  { body: `"${'x'.repeat(1_048_576)}"` },
]
describe('What a server sends', () => {
  it.each(invalid)('as %j is no answer, and is not asked for again', async (trouble) => {
    const server = await registryServer()
    server.be(trouble)
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange)).toEqual({
      ...{ failed: 'INVALID_ANSWER', retryAt: null, messageId: expect.stringMatching(uuid) },
    })
    expect(server.received).toHaveLength(1)
    expect(lines).toMatchObject([{ level: 'warn', what: { registry: 'FINES', reason: 'INVALID_ANSWER' } }])
  })

  it('may be as long as a megabyte', async () => {
    const held = 'x'.repeat(1_048_574)
    const server = await registryServer({ holds: () => held })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange)).toMatchObject({ answer: held })
  })

  it('is read no further than that: its connection ends', async () => {
    const server = await registryServer()
    server.be('endless body')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    await ask(exchange)
    await server.received[0]?.ended
  })

  it('is an answer only where it can be read as one', async () => {
    const server = await registryServer()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    const read = () => {
      throw new Error('TEST001 has no surname')
    }
    expect(await exchange.ask('FINES', question(), read)).toMatchObject({ failed: 'INVALID_ANSWER' })
    expect(await exchange.ask('FINES', question(), () => null)).toMatchObject({ answer: null })
    expect(JSON.stringify(lines)).not.toContain('TEST001')
  })

  it.each<[Trouble, FailureReason, number]>([
    [{ fault: 'Server.ServerProxy.AccessDenied' }, FailureReason.REFUSED, 1],
    [{ fault: 'server.serverproxy.access_denied' }, FailureReason.REFUSED, 1],
    [{ fault: 'Server.ClientProxy.NetworkError' }, FailureReason.DOWN, 3],
    [{ fault: 'server.serverproxy.service_failed.network_error' }, FailureReason.DOWN, 3],
    [{ status: 403, body: '{"message":"not for TEST001"}' }, FailureReason.REFUSED, 1],
    [{ status: 500, body: '{"message":"no table of TEST001"}' }, FailureReason.DOWN, 3],
    [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>TEST001' }, FailureReason.DOWN, 3],
    [{ status: 503, headers: { 'retry-after': 'tomorrow' } }, FailureReason.DOWN, 3],
    ['half a body', FailureReason.DOWN, 3],
    ['reset', FailureReason.DOWN, 3],
  ])('as %j is %s, and is asked %d times', async (trouble, failed, times) => {
    const server = await registryServer()
    server.be(trouble)
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    const reply = await ask(exchange)
    const sent = server.received.map(({ headers }) => headers['x-road-id'])
    expect(reply).toEqual({ failed, retryAt: null, messageId: sent.at(-1) })
    expect([sent.length, new Set(sent).size]).toEqual([times, times])
    // Once, and nothing of whom it was about.
    expect(lines.map(({ level, what }) => ({ level, ...what }))).toEqual([
      { level: 'warn', registry: 'FINES', reason: failed, messageId: sent.at(-1), type: expect.any(String) },
    ])
    expect(JSON.stringify([reply, lines])).not.toContain('TEST001')
  })

  it('may say when to come again, and is left in peace meanwhile', async () => {
    const server = await registryServer()
    server.be({ status: 429, headers: { 'retry-after': '30' } })
    const now = new Date('2027-03-01T09:00:00Z')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }), () => now)
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN', retryAt: new Date('2027-03-01T09:00:30Z') })
    expect(server.received).toHaveLength(1)
  })

  it('is not followed where it leads', async () => {
    const [server, elsewhere] = [await registryServer(), await registryServer()]
    server.be({ status: 307, headers: { location: `${elsewhere.url}/r1/x` } })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange)).toMatchObject({ failed: 'INVALID_ANSWER' })
    expect([server.received.length, elsewhere.received.length]).toEqual([1, 0])
  })
})

it('Where nobody listens a registry is down', async () => {
  const port = await freePort()
  const { exchange, lines } = openedExchange(exchangeOf({ FINES: { url: `http://127.0.0.1:${port}` } }))
  expect(await ask(exchange)).toMatchObject({ failed: 'DOWN', messageId: expect.stringMatching(uuid) })
  expect(lines.map(({ what }) => what.type)).toEqual(['ECONNREFUSED'])
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle))
  const { port } = probe.address() as { port: number }
  await new Promise((settle) => probe.close(settle))
  return port
}

it('A closed exchange answers nobody, and rejects nobody', async () => {
  const server = await registryServer()
  server.be('silence')
  const { exchange } = openedExchange(exchangeOf({ FINES: server }))
  const under = ask(exchange)
  while (server.received.length === 0) await new Promise(setImmediate)
  await exchange.close()
  expect(await under).toMatchObject({ failed: 'DOWN' })
  expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
})
