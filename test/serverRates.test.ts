import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { configFrom } from '../src/config.js'
import { rates as usual } from '../src/platform/rates.js'
import { cloneDatabase } from './support/database.js'
import { long } from './support/long.js'
import { asOperator, createServer } from './support/server.js'

const database = await cloneDatabase()
const rates = {
  ...usual,
  requests: { points: 10, seconds: 60 },
  refusedSecrets: { points: 2, seconds: 60 },
  commands: { points: 10, seconds: 60 },
}
const servers = new Map<string, ReturnType<typeof createServer>>()
/** A server that believes these proxies. */
function serverBehind(proxies = '') {
  const made =
    servers.get(proxies) ??
    createServer({ config: configFrom({ LOG_LEVEL: 'silent', TRUST_PROXY: proxies }), database, rates })
  servers.set(proxies, made)
  return made
}
afterAll(async () => {
  for (const server of servers.values()) await (await server).close()
})

interface Asking {
  from?: string
  proxies?: string
  headers?: Record<string, string>
}
let places = 0
/** An address that nobody has asked from. */
const somewhere = () => `198.51.100.${++places}`
async function post(query: string, { from = somewhere(), proxies = '', headers = {} }: Asking = {}) {
  const server = await serverBehind(proxies)
  return server.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query },
    remoteAddress: from,
    headers: { accept: 'application/graphql-response+json', ...headers },
  })
}
const statusesOf = async (times: number, ask: (at: number) => ReturnType<typeof post>) => {
  const statuses = []
  for (let at = 0; at < times; at++) statuses.push((await ask(at)).statusCode)
  return statuses
}
const answered = (times: number) => Array(times).fill(200)
const typename = '{ __typename }'
const aliased = (times: number) => `{ ${Array.from({ length: times }, (_, i) => `a${i}: __typename`).join(' ')} }`

describe('The limit of requests from one address', () => {
  it('answers 429 with Retry-After when its points are spent', async () => {
    const from = somewhere()
    expect(await statusesOf(10, () => post(typename, { from }))).toEqual(answered(10))
    const { statusCode, headers, json } = await post(typename, { from })
    const retryAfter = Number(headers['retry-after'])
    expect([statusCode, json()]).toEqual([
      429,
      {
        errors: [
          {
            message: `There were too many requests from this address. Try again in ${retryAfter} seconds.`,
            extensions: { code: 'RATE_LIMITED', retryAfter },
          },
        ],
      },
    ])
    expect([retryAfter > 50, retryAfter <= 60, (await post(typename)).statusCode]).toEqual([true, true, 200])
  })

  const deep = 'services(first: 100) { nodes { agency { services(first: 5) { totalCount } } } }' // 600 nodes
  it.each([
    ['each aliased root field', aliased(6), 6, 200],
    ['each hundred nodes', `{ agency(code: "DVX") { ${deep} } }`, 6, 200],
    ['an operation that cannot be parsed', '{ '.repeat(100), 1, 400],
    ['an operation that is too costly', aliased(21), 1, 400],
  ])('counts %s', async (_what, query, points, status) => {
    const from = somewhere()
    const room = Math.floor(10 / points)
    expect(await statusesOf(room + 5, () => post(query, { from }))).toEqual([
      ...Array(room).fill(status),
      ...Array(5).fill(429),
    ])
  })

  it('answers 429 with Retry-After to an operation with more points than are left', async () => {
    const { statusCode, headers, json } = await post(aliased(11))
    const { data, errors } = json()
    expect([statusCode, data, errors[0].extensions]).toEqual([
      429,
      undefined,
      { code: 'RATE_LIMITED', retryAfter: Number(headers['retry-after']) },
    ])
  })

  it('does not count probes and the explorer', async () => {
    const [from, server] = [somewhere(), await serverBehind()]
    const headers = { accept: 'text/html' }
    for (let i = 0; i < 5; i++)
      for (const url of ['/livez', '/readyz', '/graphql'])
        expect((await server.inject({ url, headers, remoteAddress: from })).statusCode).toBe(200)
    expect(await statusesOf(10, () => post(typename, { from }))).toEqual(answered(10))
  })

  it('counts an IPv6 network together, and apart from others', async () => {
    const ask = (network: string) => (at: number) =>
      post(typename, { from: `2001:db8:7:${network}::${at.toString(16)}` })
    expect(await statusesOf(11, ask('1'))).toEqual([...answered(10), 429])
    expect(await statusesOf(1, ask('2'))).toEqual([200])
  })

  it('does not block an address for refused tokens, which a portal sends for all its visitors', async () => {
    const from = somewhere()
    const wrong = { authorization: 'Bearer wrong' }
    expect(await statusesOf(5, () => post(typename, { from, headers: wrong }))).toEqual(Array(5).fill(401))
    expect((await post(typename, { from, headers: asOperator })).statusCode).toBe(200)
  })
})

describe('X-Forwarded-For', () => {
  const forwarded = (value: string) => ({ 'x-forwarded-for': value })

  it('is ignored without a trusted proxy', async () => {
    const from = somewhere()
    const ask = (at: number) => post(typename, { from, headers: forwarded(`203.0.113.${at}`) })
    expect(await statusesOf(11, ask)).toEqual([...answered(10), 429])
  })

  it('is read from a trusted proxy alone', async () => {
    const proxies = '10.0.0.0/8'
    const [client, stranger] = [somewhere(), somewhere()]
    const through = (at: number) => post(typename, { proxies, from: `10.0.0.${at}`, headers: forwarded(client) })
    expect(await statusesOf(11, through)).toEqual([...answered(10), 429])
    const other = () => post(typename, { proxies, from: '10.0.0.1', headers: forwarded(somewhere()) })
    expect(await statusesOf(11, other)).toEqual(answered(11))
    const lying = () => post(typename, { proxies, from: stranger, headers: forwarded(somewhere()) })
    expect(await statusesOf(11, lying)).toEqual([...answered(10), 429])
  })

  it('counts the address that the proxy added, not those before it', async () => {
    const client = somewhere()
    const ask = (at: number) =>
      post(typename, { proxies: '10.0.0.0/8', from: '10.0.0.1', headers: forwarded(`203.0.113.${at}, ${client}`) })
    expect(await statusesOf(11, ask)).toEqual([...answered(10), 429])
  })

  const invalid = ['unknown', '203.0.113.1:4711']
  if (long) invalid.push('', '２０３.0.113.1', 'x'.repeat(5000), ', ,')
  it.each(invalid)('counts for the proxy without a valid address: %s', async (value) => {
    const from = `10.1.0.${++places}`
    const ask = (at: number) => post(typename, { proxies: '10.0.0.0/8', from, headers: forwarded(`${value}${at}`) })
    expect(await statusesOf(11, ask)).toEqual([...answered(10), 429])
  })
})

describe('A trusted proxy', () => {
  it.each<[header: string, value: string]>([
    ['x-forwarded-proto', '<x>'],
    ['x-forwarded-host', '<x>'],
    ['x-forwarded-host', 'a b'],
  ])('gets 400 for the invalid header %s: %s', async (header, value) => {
    const asking = { proxies: '10.0.0.0/8', from: '10.2.0.1', headers: { [header]: value } }
    const { statusCode, body } = await post(typename, asking)
    expect([statusCode, body.includes(value)]).toEqual([400, false])
  })
})

describe('docs/limits.md', () => {
  it('has the limits of the code', () => {
    const docs = readFileSync(new URL('../docs/limits.md', import.meta.url), 'utf8')
    const told = [...docs.matchAll(/^\| `(\w+)` \| ([\d,]+) in (\d+) s \|/gm)].map(([, name, points, seconds]) => [
      name,
      { points: Number(points?.replaceAll(',', '')), seconds: Number(seconds) },
    ])
    expect(Object.fromEntries(told)).toEqual(usual)
  })
})
