import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Exchange, FailureReason } from '../../src/shared/exchange.js'
import { ask, openedExchange, question } from '../support/openedExchange.js'
import { clientOfTest, exchangeOf, registryServer, systemOfTest, type Trouble } from '../support/registryServer.js'

const uuid = /^[0-9a-f-]{36}$/

describe('Question to a registry', () => {
  it('is sent to its service with the caller, and is answered with evidence', async () => {
    const server = await registryServer({ holds: () => ({ subject: 'TEST001', fines: [] }) })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    const reply = await ask(exchange, 'FINES', {
      issue: 'APP-2026/17',
      representedParty: 'COM/9900000141',
      query: { vehicle: '10-XX 001' },
      path: ['persons', 'TEST001/../x'],
    })
    expect(reply).toEqual({
      answer: { subject: 'TEST001', fines: [] },
      messageId: expect.stringMatching(uuid),
      requestHash: expect.stringMatching(/==$/),
      service: `${systemOfTest}/fines`,
    })
    const [{ method, url, headers, body }] = server.received as [any]
    expect([method, url, body]).toEqual([
      'GET',
      `/r1/${systemOfTest}/fines/persons/TEST001%2F..%2Fx?vehicle=10-XX%20001`,
      '',
    ])
    expect(headers).toMatchObject({
      accept: 'application/json',
      'x-road-client': clientOfTest,
      'x-road-id': (reply as any).messageId,
      'x-road-userid': 'person:0192',
      'x-road-issue': 'APP-2026/17',
      'x-road-represented-party': 'COM/9900000141',
    })
    expect(headers).not.toHaveProperty('content-type')
  })

  it('may have a body, which is sent as JSON in UTF-8', async () => {
    const server = await registryServer({ holds: ({ body }) => JSON.parse(body) })
    const { exchange } = openedExchange(exchangeOf({ POPULATION: server }))
    const body = { fins: ['TEST001'], note: 'Ə' }
    expect(await ask(exchange, 'POPULATION', { method: 'POST', path: ['query'], body })).toMatchObject({ answer: body })
    expect(server.received[0]?.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('is answered with null and evidence if the registry has no record', async () => {
    const server = await registryServer({ holds: () => null })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange)).toEqual({
      answer: null,
      messageId: expect.stringMatching(uuid),
      requestHash: expect.any(String),
      service: `${systemOfTest}/fines`,
    })
    expect(server.received).toHaveLength(1)
  })

  it('fails as NOT_CONNECTED if the registry is not configured', async () => {
    const { exchange } = openedExchange(exchangeOf({}))
    for (const code of ['FINES', '__proto__', 'constructor']) {
      expect(await ask(exchange, code)).toEqual({ failed: 'NOT_CONNECTED', retryAt: null, messageId: null })
      expect(exchange.healthOf(code).status).toBe('NOT_CONNECTED')
    }
  })

  it.each([{ path: ['persons', '..'] }, { issue: 'A\r\nX-Road-Client: AZ/GOV/1/OTHER' }])(
    'fails as REFUSED and is not sent if it cannot be encoded: %j',
    async (changes) => {
      const server = await registryServer()
      const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
      expect(await ask(exchange, 'FINES', changes)).toEqual({ failed: 'REFUSED', retryAt: null, messageId: null })
      expect(server.received).toHaveLength(0)
      expect(lines).toMatchObject([{ level: 'warn', what: { registry: 'FINES', reason: 'REFUSED', messageId: null } }])
    },
  )

  it('is not sent after its deadline', async () => {
    const server = await registryServer()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    for (const deadline of [Date.now(), Date.now() - 1])
      expect(await ask(exchange, 'FINES', { deadline })).toEqual({
        failed: 'TIMED_OUT',
        retryAt: null,
        messageId: null,
      })
    expect(server.received).toHaveLength(0)
  })

  it('reuses connections', async () => {
    const server = await registryServer()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    const kinds = [undefined, { status: 404 }, { status: 403 }, { fault: 'Client.BadRequest' }]
    server.be(Array(4).fill(kinds).flat())
    for (let count = 0; count < 16; count++) await ask(exchange)
    expect(server.received).toHaveLength(16)
    // The one before may not be idle yet when the next question is sent.
    expect(server.connections()).toBeLessThanOrEqual(2)
  })

  it('fails as DOWN if nobody listens', async () => {
    const port = await freePort()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: { url: `http://127.0.0.1:${port}` } }))
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN', messageId: expect.stringMatching(uuid) })
    expect(lines.map(({ what }) => what.type)).toEqual(['ECONNREFUSED'])
  })

  it('fails as DOWN when the exchange is closed', async () => {
    const server = await registryServer()
    server.be('silence')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    const underWay = ask(exchange)
    while (server.received.length === 0) await new Promise(setImmediate)
    await exchange.close()
    expect(await underWay).toMatchObject({ failed: 'DOWN' })
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
  })

  it('fails as DOWN and is not sent if the exchange was closed before', async () => {
    const server = await registryServer()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    await exchange.close()
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
    expect(lines.map(({ what }) => what.type)).toEqual(['UND_ERR_DESTROYED'])
    expect(server.connections()).toBe(0)
  })

  it('fails as DOWN if no connections can be opened, after which the exchange can be closed', async () => {
    const { exchange } = openedExchange(exchangeOf({ FINES: { url: 'ftp://127.0.0.1' } }))
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN' })
    await exchange.close()
  })
})

describe('Change at a registry', () => {
  const change = () => ({
    service: 'fines',
    path: ['protocols', 'TEST', '1', 'payments'],
    key: 'C26/1',
    body: { amount: '40.00' },
    userId: 'reportFinePaid',
    deadline: Date.now() + 3_600_000,
  })
  const tell = (exchange: Exchange) => exchange.tell('FINES', change(), (body) => body)

  it('is sent with PUT under its key, also again after an answer that was lost', async () => {
    const server = await registryServer({ holds: () => ({ recorded: true }) })
    server.be(['half a body'])
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    expect(await tell(exchange)).toMatchObject({ answer: { recorded: true }, service: `${systemOfTest}/fines` })
    const url = `/r1/${systemOfTest}/fines/protocols/TEST/1/payments/C26%2F1`
    expect(server.received.map(({ method, url, body }) => [method, url, body])).toEqual(
      Array(2).fill(['PUT', url, '{"amount":"40.00"}']),
    )
    expect(server.received[0]?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-road-userid': 'reportFinePaid',
    })
  })

  it('opens the breaker of its registry as questions do, and is stopped by it', async () => {
    const server = await registryServer()
    server.be('wrong id')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    for (let count = 0; count < 3; count++) expect(await tell(exchange)).toMatchObject({ failed: 'INVALID_ANSWER' })
    for (let count = 0; count < 2; count++) await ask(exchange)
    expect(exchange.healthOf('FINES')).toMatchObject({ status: 'DOWN', breaker: 'OPEN' })
    expect(await tell(exchange)).toMatchObject({ failed: 'DOWN', messageId: null })
    expect(server.received).toHaveLength(5)
  })
})

/** Headers and bodies that a socket can send in many ways. The rest is in the tests of the rules. */
const invalid: Trouble[] = [
  'wrong id',
  'name twice',
  'garbled hash',
  'endless body',
  'huge header',
  'no HTTP',
  { status: 204, body: '' },
  { body: '' },
  { body: '{"subject":' },
  { body: Buffer.from([0x22, 0xff, 0x22]) },
  { body: `"${'x'.repeat(1_048_576)}"` },
]
describe('Answer of a registry', () => {
  it.each(invalid)('is an INVALID_ANSWER and is not asked for again: %j', async (trouble) => {
    const server = await registryServer()
    server.be(trouble)
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange)).toEqual({
      failed: 'INVALID_ANSWER',
      retryAt: null,
      messageId: expect.stringMatching(uuid),
    })
    expect(server.received).toHaveLength(1)
    expect(lines).toMatchObject([{ level: 'warn', what: { registry: 'FINES', reason: 'INVALID_ANSWER' } }])
  })

  it('may be one megabyte long', async () => {
    const record = 'x'.repeat(1_048_574)
    const server = await registryServer({ holds: () => record })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange)).toMatchObject({ answer: record })
  })

  it('closes the connection when it is longer than a megabyte', async () => {
    const server = await registryServer()
    server.be('endless body')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    await ask(exchange)
    await server.received[0]?.ended
  })

  it('is an INVALID_ANSWER if its reader rejects it, and nothing of it is logged', async () => {
    const server = await registryServer()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    const read = () => {
      throw new Error('TEST001 has no surname')
    }
    expect(await exchange.ask('FINES', question(), read)).toMatchObject({ failed: 'INVALID_ANSWER' })
    expect(JSON.stringify(lines)).not.toContain('TEST001')
  })

  it.each<[Trouble, FailureReason, number]>([
    [{ fault: 'Server.ServerProxy.AccessDenied' }, FailureReason.REFUSED, 1],
    [{ fault: 'Server.ClientProxy.NetworkError' }, FailureReason.DOWN, 3],
    [{ status: 403, body: '{"message":"not for TEST001"}' }, FailureReason.REFUSED, 1],
    [{ status: 500, body: '{"message":"no table of TEST001"}' }, FailureReason.DOWN, 3],
    [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>TEST001' }, FailureReason.DOWN, 3],
    [{ status: 503, headers: { 'retry-after': 'tomorrow' } }, FailureReason.DOWN, 3],
    ['half a body', FailureReason.DOWN, 3],
    ['reset', FailureReason.DOWN, 3],
  ])('%j fails as %s after %d attempts, and nothing of it is logged', async (trouble, failed, attempts) => {
    const server = await registryServer()
    server.be(trouble)
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    const reply = await ask(exchange)
    const sent = server.received.map(({ headers }) => headers['x-road-id'])
    expect(reply).toEqual({ failed, retryAt: null, messageId: sent.at(-1) })
    expect([sent.length, new Set(sent).size]).toEqual([attempts, attempts])
    expect(lines.map(({ level, what }) => ({ level, ...what }))).toEqual([
      { level: 'warn', registry: 'FINES', reason: failed, messageId: sent.at(-1), type: expect.any(String) },
    ])
    expect(JSON.stringify([reply, lines])).not.toContain('TEST001')
  })

  it('may say when to ask again, and is not retried before', async () => {
    const server = await registryServer()
    server.be({ status: 429, headers: { 'retry-after': '30' } })
    const now = new Date('2027-03-01T09:00:00Z')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }), { now: () => now })
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN', retryAt: new Date('2027-03-01T09:00:30Z') })
    expect(server.received).toHaveLength(1)
  })

  it('is an INVALID_ANSWER if it redirects, and is not followed', async () => {
    const [server, elsewhere] = [await registryServer(), await registryServer()]
    server.be({ status: 307, headers: { location: `${elsewhere.url}/r1/x` } })
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange)).toMatchObject({ failed: 'INVALID_ANSWER' })
    expect([server.received.length, elsewhere.received.length]).toEqual([1, 0])
  })
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle))
  const { port } = probe.address() as { port: number }
  await new Promise((settle) => probe.close(settle))
  return port
}
