import { once } from 'node:events'
import { type AddressInfo, connect as connectTo } from 'node:net'
import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { configFrom } from '../src/config.js'
import { connect } from '../src/platform/database.js'
import { cloneDatabase, silentDatabase } from './support/database.js'
import { createServer } from './support/server.js'
import { tokenOf } from './support/tokens.js'

const database = await cloneDatabase()
const config = configFrom({ LOG_LEVEL: 'silent' })
const app = await createServer({ config, database })
afterAll(() => app.close())
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as AddressInfo

const query = '{ agency(code: "DVX") { code name } }'
const search = `/graphql?${new URLSearchParams({ query })}`
const post = (headers: Record<string, string> = {}, payload: string | object = { query }) =>
  app.inject({ method: 'POST', url: '/graphql', headers, payload })

describe('/graphql', () => {
  it('answers GET and POST alike', async () => {
    const [got, posted] = [await app.inject(search), await post()]
    expect([got.statusCode, got.json()]).toEqual([200, posted.json()])
    expect(got.json().data.agency.code).toBe('DVX')
  })

  it('takes variables and operationName from GET', async () => {
    const parameters = new URLSearchParams({
      query: 'query A { __typename } query B($code: String!) { agency(code: $code) { code } }',
      variables: JSON.stringify({ code: 'DVX' }),
      operationName: 'B',
    })
    expect((await app.inject(`/graphql?${parameters}`)).json()).toEqual({ data: { agency: { code: 'DVX' } } })
  })
})

describe('The language of an answer', () => {
  const inLanguage = async (language?: string) => {
    const { headers, json } = await post(language === undefined ? {} : { 'accept-language': language })
    return [headers['content-language'], json().data.agency.name]
  }
  const names = async () => {
    const { data } = (await post({}, { query: '{ agency(code: "DVX") { names { az en ru } } }' })).json()
    return data.agency.names
  }

  it.each([
    [undefined, 'az'],
    ['az', 'az'],
    ['en', 'en'],
    ['ru', 'ru'],
    ['ru-RU, ru;q=0.9, en;q=0.8', 'ru'],
    ['de, en;q=0.5, ru;q=0.7', 'ru'],
    ['en;q=0', 'az'],
    ['de', 'az'],
    ['*', 'az'],
    ['', 'az'],
    ['; ,, q=', 'az'],
    ['x'.repeat(8000), 'az'],
  ])('of Accept-Language "%s" is %s', async (accepted, language) => {
    expect(await inLanguage(accepted)).toEqual([language, (await names())[language]])
  })

  it('varies by Accept, also on the explorer page', async () => {
    expect((await app.inject(search)).headers.vary).toContain('Accept')
    expect((await app.inject({ url: '/graphql', headers: { accept: 'text/html' } })).headers.vary).toContain('Accept')
  })
})

describe('/livez and /readyz', () => {
  it('report live and ready while the database answers', async () => {
    expect((await app.inject('/livez')).json()).toEqual({ status: 'live' })
    const ready = await app.inject('/readyz')
    expect([ready.statusCode, ready.json().dependencies.database]).toEqual([200, { status: 'up' }])
  })

  it('report live and not ready without a database', async () => {
    const client = connect('postgres://nobody@127.0.0.1:1/nothing', { max: 1 })
    const lone = await createServer({ config, database: { ...database, client } })
    expect((await lone.inject('/livez')).statusCode).toBe(200)
    const ready = await lone.inject('/readyz')
    expect([ready.statusCode, ready.json().status]).toEqual([503, 'unavailable'])
    await lone.close()
  })
})

describe('A request that nothing answers', () => {
  it('ends with SERVICE_UNAVAILABLE if the database is away while its caller is identified', async () => {
    const client = connect('postgres://nobody@127.0.0.1:1/nothing', { max: 1 })
    const lone = await createServer({ config, database: { ...database, client } })
    const headers = { authorization: `Bearer ${await tokenOf('citizen')}` }
    const answer = await lone.inject({ method: 'POST', url: '/graphql', headers, payload: { query } })
    expect([answer.statusCode, answer.json().errors[0].extensions]).toEqual([503, { code: 'SERVICE_UNAVAILABLE' }])
    await lone.close()
  })

  it('ends with TIMEOUT wherever it waits for the database', async () => {
    const { db } = await silentDatabase()
    const impatient = { ...config, requestTimeout: 100 }
    const lone = await createServer({ config: impatient, database: { ...database, db } })
    const headers = { authorization: `Bearer ${await tokenOf('citizen')}` }
    await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query: '{ viewer { kind } }' } }) // signs in
    const mutation = `mutation { startApplication(input: { idempotencyKey: "a-key-of-this-test", serviceCode: "DIN-ID-ISSUE" }) {
      replayed } }`
    const answer = await lone.inject({ method: 'POST', url: '/graphql', headers, payload: { query: mutation } })
    expect([answer.statusCode, answer.json().errors[0].extensions.code]).toEqual([503, 'TIMEOUT'])
    await lone.close()
  })

  it('ends with TIMEOUT, also before GraphQL has seen it', async () => {
    const impatient = { ...config, requestTimeout: 100 }
    const lone = await createServer({ config: impatient, database: { ...database, ...(await silentDatabase()) } })
    const headers = { authorization: `Bearer ${await tokenOf('citizen')}` }
    const answer = await lone.inject({ method: 'POST', url: '/graphql', headers, payload: { query } })
    expect([answer.statusCode, answer.json().errors[0].extensions.code]).toEqual([503, 'TIMEOUT'])
    await lone.close()
  })
})

describe('A slow request', () => {
  const begun = (text: string, to: number) => {
    const socket = connectTo(to, '127.0.0.1')
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    const ended = once(socket, 'close')
    socket.write(text)
    return { socket, ended, received: () => received }
  }
  const head =
    'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 31\r\n\r\n'

  it('is cut off after 30 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const server = await createServer({ config, database })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const { ended, received } = begun(`${head}{"query":`, (server.server.address() as AddressInfo).port)
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(1), { interval: 5 })
    await vi.advanceTimersByTimeAsync(29_000)
    expect(received()).toBe('')
    await vi.advanceTimersByTimeAsync(1_001)
    vi.useRealTimers()
    await ended
    expect(received()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n/)
    await server.close()
  })

  it('is answered when it ends in time, and keeps its connection', async () => {
    const { socket, received } = begun(`${head}{"query":`, port)
    socket.write('"{ __typename }"     }')
    await vi.waitFor(() => expect(received()).toContain('Query'))
    socket.write(`${head}{"query":"{ __typename }"     }`)
    await vi.waitFor(() => expect(received().match(/__typename/g)).toHaveLength(2))
    socket.destroy()
  })
})

describe('Security headers', () => {
  it('forbid sniffing, framing and referrers on every response', async () => {
    const policies = [
      [search, "default-src 'none';frame-ancestors 'none'"],
      ['/livez', "default-src 'self'"],
      ['/nowhere', "default-src 'self'"],
    ] as const
    for (const [url, policy] of policies)
      expect((await app.inject(url)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': expect.stringContaining('max-age='),
        'content-security-policy': expect.stringContaining(policy),
      })
  })

  it('are those of data when GraphQL is refused', async () => {
    const { statusCode, headers } = await app.inject({ method: 'POST', url: '/graphql', payload: 'no JSON' })
    expect(statusCode).toBe(415)
    expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'")
  })

  it('allow the configured origins and no others', async () => {
    const known = 'https://portal.example'
    const open = await createServer({ config: configFrom({ LOG_LEVEL: 'silent', CORS_ORIGINS: known }), database })
    const asked = async (server: typeof app, origin: string) => {
      const { headers } = await server.inject({ url: search, headers: { origin } })
      return headers['access-control-allow-origin']
    }
    const preflight = await open.inject({
      method: 'OPTIONS',
      url: '/graphql',
      headers: {
        origin: known,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(await asked(open, known)).toBe(known)
    expect([await asked(open, 'https://other.example'), await asked(app, known)]).toEqual([undefined, undefined])
    expect(preflight).toMatchObject({ statusCode: 204, headers: { 'access-control-allow-origin': known } })
    expect(preflight.headers['access-control-allow-headers']).toBe('content-type')
    expect((await open.inject({ url: search, headers: { origin: known } })).headers.vary).toBe(
      'Origin, Accept, Accept-Language, Accept-Encoding',
    )
    expect((await open.inject(search)).headers.vary).toContain('Origin')
    await open.close()
  })
})

describe('A request that is no GraphQL', () => {
  const refused = (status: number, said: string, code = 'BAD_REQUEST') => [
    status,
    { errors: [{ message: expect.stringContaining(said), extensions: expect.objectContaining({ code }) }] },
  ]
  const answer = async (asked: Promise<LightMyRequestResponse>) => {
    const { statusCode, body } = await asked
    return [statusCode, JSON.parse(body)]
  }

  it.each(['/', '/nowhere?query={__typename}', '/graphql/', '/graphql/explorer/none', '//graphql'])(
    'is answered with 404 and a GraphQL error: %s',
    async (url) => expect(await answer(app.inject(url))).toEqual(refused(404, 'The API is at /graphql')),
  )

  it('is answered with 400 for an invalid URL', async () =>
    expect(await answer(app.inject('/%E0%A4%A'))).toEqual(refused(400, 'not a valid url')))

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const)('is answered with 405 for the method %s', async (method) => {
    const asked = app.inject({ method, url: '/graphql' })
    expect(await answer(asked)).toEqual(refused(405, `accepts GET and POST; this was ${method}`))
    expect((await asked).headers.allow).toBe('GET, POST')
  })

  it('is answered without a body for HEAD', async () =>
    expect(await app.inject({ method: 'HEAD', url: search })).toMatchObject({ statusCode: 405, body: '' }))

  it.each([
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/graphql',
  ])('is answered with 415 for the type %s', async (type) =>
    expect(await answer(post({ 'content-type': type }, 'query=x'))).toEqual(
      refused(415, `must be application/json; it was ${type}`),
    ),
  )

  it('is answered with 400 for incomplete JSON', async () =>
    expect(await answer(post({ 'content-type': 'application/json' }, '{"query": "{'))).toEqual(
      refused(400, 'not valid JSON'),
    ))

  it.each<[host: string, status: number]>([
    ['evil.example', 200],
    ['127.0.0.1:1@evil.example', 200],
    ['a b', 400],
    ['<script>', 400],
  ])('does not find its Host in the response: %s', async (host, status) => {
    const { statusCode, body, headers } = await post({ host })
    expect(statusCode).toBe(status)
    expect(JSON.stringify([body, headers])).not.toContain(host)
  })
})

/** Resolves when one statement waits for a lock. */
async function oneWaits() {
  // Not within the transaction that holds it: there pg_stat_activity does not change.
  const waiting = () => database.client`
    select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  await vi.waitFor(async () => expect((await waiting()).length).toBe(1))
}

const lines: { msg?: string; [more: string]: unknown }[] = []
const log = { write: (line: string) => lines.push(JSON.parse(line)) }
const logging = await createServer({ config: configFrom({ LOG_LEVEL: 'trace' }), database, log })
afterAll(() => logging.close())
logging.get('/broken', () => {
  throw Object.assign(new Error('broken'), { detail: 'a secret' })
})
beforeEach(() => {
  lines.length = 0
})

describe('An unexpected error before GraphQL', () => {
  it('is masked by an id that the log has too', async () => {
    const response = await logging.inject('/broken')
    const { message, extensions } = response.json().errors[0]
    expect([response.statusCode, extensions.code, message]).toEqual([
      500,
      'INTERNAL_SERVER_ERROR',
      expect.stringContaining(extensions.id),
    ])
    expect(response.body + JSON.stringify(lines)).not.toContain('secret')
    expect(lines.filter(({ msg }) => msg === 'unexpected error')).toMatchObject([{ reqId: extensions.id }])
  })
})

describe('The log', () => {
  it('has each request, and neither its content nor its caller', async () => {
    const secret = 'seekret'
    const variables = { code: secret }
    const asking = `query ($code: String!) { agency(code: $code) { name } service(code: "${secret}") { code } }`
    const headers = {
      authorization: `Bearer ${secret}`,
      cookie: secret,
      'user-agent': secret,
      'x-forwarded-for': secret,
    }
    await logging.inject({ method: 'POST', url: '/graphql', headers, payload: { query: asking, variables } })
    const parameters = new URLSearchParams({ query: asking, variables: JSON.stringify(variables) })
    for (const url of [`/graphql?${parameters}`, `/nowhere?${secret}`, `/%E0%A4%A?${secret}`])
      await logging.inject({ url, headers })
    await logging.inject({ method: 'POST', url: '/graphql', headers, payload: { query: `{ ${secret} }` } })
    await logging.inject({ method: 'POST', url: '/graphql', headers, payload: secret })
    expect(lines.filter(({ msg }) => msg === 'request')).toHaveLength(6)
    expect(JSON.stringify(lines)).not.toContain(secret)
  })

  it('has one line for each request, with its operation, points, caller, status and duration', async () => {
    const asking = 'query Agencies($code: String!) { agency(code: $code) { name } service(code: "x") { code } }'
    await logging.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query: asking, variables: { code: 'DVX' } },
      headers: { authorization: `Bearer ${await tokenOf('citizen')}` },
    })
    expect(lines).toMatchObject([
      {
        msg: 'request',
        reqId: expect.any(String),
        method: 'POST',
        path: '/graphql',
        operation: 'Agencies',
        points: 2,
        caller: 'PERSON',
        status: 200,
        ms: expect.any(Number),
      },
    ])
  })

  it('says whether one statement answered', async () => {
    const queries = ['{ agency(code: "DVX") { name type } }', '{ agencies(first: 0) { totalCount } }']
    for (const query of [...queries, ...queries])
      await logging.inject({ method: 'POST', url: '/graphql', payload: { query } })
    expect(lines.map(({ by }) => by)).toEqual([undefined, undefined, 'statement', undefined])
  })

  it('has at most 60 characters of the name of an operation, also of one that is refused', async () => {
    const name = 'x'.repeat(10_000)
    const deep = `${'parent { '.repeat(15)}code${' }'.repeat(15)}`
    for (const query of [`query ${name} { __typename }`, `query ${name} { agency(code: "DVX") { ${deep} } }`])
      await logging.inject({ method: 'POST', url: '/graphql', payload: { query } })
    const known = { operation: 'x'.repeat(60), caller: 'ANONYMOUS' }
    expect(lines).toMatchObject([
      { ...known, status: 200, points: 1 },
      { ...known, status: 400, points: 1 },
    ])
  })

  it('has a request that its caller aborts', async () => {
    const address = await logging.listen({ host: '127.0.0.1', port: 0 })
    lines.length = 0
    const leaving = new AbortController()
    await database.client.begin(async (tx) => {
      await tx`lock table agencies in access exclusive mode`
      const asked = fetch(`${address}${search}`, { signal: leaving.signal })
      await oneWaits()
      leaving.abort()
      await expect(asked).rejects.toThrow()
      await vi.waitFor(() => expect(lines).toHaveLength(1))
    })
    expect(lines).toMatchObject([{ msg: 'request aborted', path: '/graphql', points: 1, caller: 'ANONYMOUS' }])
  })

  it('has no lines of probes', async () => {
    await logging.inject('/livez')
    await logging.inject('/readyz')
    expect(lines).toEqual([])
  })
})

describe('A server that closes', () => {
  it('answers running requests first', async () => {
    const closing = await createServer({ config, database })
    await closing.listen({ host: '127.0.0.1', port: 0 })
    const address = closing.server.address() as AddressInfo
    const asked = await database.client.begin(async (tx) => {
      await tx`lock table agencies in access exclusive mode`
      const under = fetch(`http://127.0.0.1:${address.port}${search}`)
      await oneWaits()
      return { answer: under, end: closing.close() }
    })
    expect((await (await asked.answer).json()).data.agency.code).toBe('DVX')
    closing.server.closeIdleConnections() // start.ts does so as it stops
    await asked.end
    await expect(fetch(`http://127.0.0.1:${address.port}/livez`)).rejects.toThrow()
  })
})

describe('The HTTP parser', () => {
  async function send(text: string) {
    const socket = connectTo(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.write(text)
    await once(socket, 'close')
    return answer
  }
  it.each([
    ['headers that are too long', `GET ${search} HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a request that is no HTTP', 'hello\r\n\r\n', 400],
    ['a URL with a control character', 'GET /\u0001 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ])('refuses %s', async (_what, text, status) => expect(await send(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `)))
})
