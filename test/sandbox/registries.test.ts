import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { finePaymentsIn } from '../../src/sandbox/finePayments.js'
import { freePorts } from '../../src/sandbox/freePorts.js'
import {
  type RegistryCode,
  type RegistryPorts,
  registries,
  registryCodes,
  sandboxClient,
} from '../../src/sandbox/registries.js'
import { registriesFrom, textOfRegistries } from '../../src/sandbox/registriesFile.js'
import { startRegistries } from '../../src/sandbox/registryServer.js'
import { askRegistry } from '../support/askRegistry.js'
import { folderOfTest } from '../support/folder.js'
import { registriesOfTest } from '../support/registries.js'

const slowness = 50
const dataDir = folderOfTest()
const sandbox = await registriesOfTest({ dataDir, now: () => new Date('2026-11-30T20:30:00Z'), slowness })
const records = registriesFrom(textOfRegistries())
const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

afterEach(() => {
  sandbox.allUp()
  expect(sandbox.errors.splice(0)).toEqual([])
})

const addressOf = (code: RegistryCode) => `http://127.0.0.1:${sandbox.ports[code]}`
const serviceOf = (code: RegistryCode) =>
  `SANDBOX/GOV/${registries[code].member}/${registries[code].name}/${registries[code].service}`
const client = { 'X-Road-Client': sandboxClient }

/** Asks the service of a registry as the client of the sandbox. */
const ask = (code: RegistryCode, path: string, asking: Parameters<typeof askRegistry>[1] = {}) =>
  askRegistry(`${addressOf(code)}/r1/${serviceOf(code)}/${path}`, {
    ...asking,
    headers: { ...client, ...asking.headers },
  })
const askMany = (code: RegistryCode, question: unknown, headers: Headers = {}) =>
  ask(code, 'query', { method: 'POST', body: JSON.stringify(question), headers })

type Headers = Record<string, string>
const held: [RegistryCode, (headers?: Headers) => ReturnType<typeof ask>, unknown][] = [
  [
    'POPULATION',
    (headers) => askMany('POPULATION', { fins: ['TEST001'] }, headers),
    { persons: [records.POPULATION[0]] },
  ],
  [
    'COMMERCIAL',
    (headers) => askMany('COMMERCIAL', { voens: ['9900000141'] }, headers),
    { companies: [records.COMMERCIAL[0]] },
  ],
  ['FINES', (headers) => ask('FINES', 'persons/TEST001', { headers }), records.FINES[0]],
  ['REALESTATE', (headers) => ask('REALESTATE', 'owners/TEST001', { headers }), records.REALESTATE[0]],
  ['MEIS', (headers) => ask('MEIS', 'persons/TEST001', { headers }), records.MEIS[0]],
  ['IAMAS', (headers) => ask('IAMAS', 'persons/TEST001', { headers }), records.IAMAS[0]],
  [
    'AVIS',
    (headers) => ask('AVIS', 'taxpayers/TEST001', { headers }),
    { subject: 'TEST001', asOf: '2026-12-01', debts: [] },
  ],
]

describe('Sandbox registry', () => {
  it.each(held)('answers with the record of %s', async (code, asking, said) => {
    const { status, headers, json } = await asking()
    expect([status, headers['content-type']]).toEqual([200, 'application/json;charset=utf-8'])
    expect(json).toEqual(said)
    expect(headers).toMatchObject({
      'x-road-client': sandboxClient,
      'x-road-service': serviceOf(code),
      'x-road-id': expect.stringMatching(uuid),
      'x-road-request-id': expect.stringMatching(uuid),
    })
    expect(headers).not.toHaveProperty('x-road-error')
  })

  it.each<[RegistryCode, string]>([
    ['FINES', 'persons/TEST098'],
    ['FINES', 'persons/9900000141'], // a company is no person
    ['FINES', 'companies/TEST001'],
    ['REALESTATE', 'owners/TEST002'],
    ['MEIS', 'persons/TEST016'],
    ['IAMAS', 'documents/UTO/TEST0009'],
    ['IAMAS', 'persons/UTO:TEST0004'], // nor is a document a FİN
    ['AVIS', 'taxpayers/TEST003'],
  ])('answers 404 as %s, not as X-Road, for %s', async (code, path) => {
    const { status, headers, json } = await ask(code, path)
    expect(status).toBe(404)
    expect(json).toEqual({ type: 'not_held', message: expect.any(String), detail: expect.any(String) })
    expect(headers).toMatchObject({ 'x-road-service': serviceOf(code), 'x-road-request-hash': expect.any(String) })
    expect(headers).not.toHaveProperty('x-road-error')
  })
})

describe('Sandbox registry that answers about many', () => {
  it('gives each known subject once and leaves out unknown ones', async () => {
    const fins = ['TEST002', 'TEST098', 'TEST001', 'TEST002', 'test001']
    const { json } = await askMany('POPULATION', { fins })
    expect(json).toEqual({ persons: [records.POPULATION[1], records.POPULATION[0]] })
    expect((await askMany('COMMERCIAL', { voens: ['9900000012'] })).json).toEqual({ companies: [] })
  })

  it('answers about a hundred subjects', async () => {
    const fins = Array.from({ length: 100 }, (_, at) => `TEST${String(at).padStart(3, '0')}`)
    expect((await askMany('POPULATION', { fins })).json.persons).toHaveLength(records.POPULATION.length)
  })

  it.each([
    ['more than a hundred', { fins: Array(101).fill('TEST001') }],
    ['nobody', { fins: [] }],
    ['a number', { fins: [1] }],
    ['identifiers of companies', { voens: ['9900000141'] }],
    ['unknown fields', { fins: ['TEST001'], all: true }],
    ['a text', 'TEST001'],
  ])('rejects %s', async (_, question) => {
    const { status, headers, json } = await askMany('POPULATION', question)
    expect([status, json.type, headers['x-road-error']]).toEqual([400, 'wrong_query', undefined])
    expect(json.message).toContain('{"fins": […]} with 1 to 100 texts')
  })

  it('rejects what is not JSON', async () => {
    const { status, json } = await ask('POPULATION', 'query', { method: 'POST', body: '{"fins": ["TEST001"]' })
    expect([status, json.type]).toEqual([400, 'wrong_query'])
  })
})

describe('Sandbox registry that answers about one', () => {
  it('answers about a company', async () => {
    expect((await ask('FINES', 'companies/9900000141')).json.fines).toHaveLength(2)
    expect((await ask('REALESTATE', 'owners/9900000141')).json.subject).toBe('9900000141')
    expect((await ask('AVIS', 'taxpayers/9900000141')).json.debts).not.toEqual([])
  })

  it('answers about a foreigner by document', async () => {
    const { json } = await ask('IAMAS', 'documents/UTO/TEST0004')
    expect(json).toMatchObject({ subject: 'UTO:TEST0004', crossings: [{ direction: 'ENTRY' }] })
  })

  it('gives the fines of one vehicle, and none for a vehicle of somebody else', async () => {
    const numbers = async (query: string) =>
      (await ask('FINES', `persons/TEST001${query}`)).json.fines.map(({ number }: { number: string }) => number)
    expect(await numbers('')).toEqual(['TEST-C-0001', 'TEST-C-0002', 'TEST-C-0003'])
    expect(await numbers('?vehicle=TEST001B')).toEqual(['TEST-C-0003'])
    expect(await numbers('?vehicle=TEST006A')).toEqual([])
  })

  it.each<[RegistryCode, string, string, number, string]>([
    ['FINES', 'POST', 'persons/TEST001', 405, 'wrong_method'],
    ['POPULATION', 'GET', 'query', 405, 'wrong_method'],
    ['FINES', 'GET', 'persons', 404, 'no_such_resource'],
    ['FINES', 'GET', '', 404, 'no_such_resource'],
    ['FINES', 'GET', 'constructor/TEST001', 404, 'no_such_resource'],
    ['FINES', 'GET', 'persons/TEST001/all', 404, 'not_held'],
    ['POPULATION', 'POST', 'query/all', 404, 'no_such_resource'],
  ])('rejects at %s the request %s %s with %d', async (code, method, path, status, type) => {
    const said = await ask(code, path, { method })
    expect([said.status, said.json.type, said.headers['x-road-error']]).toEqual([status, type, undefined])
  })
})

describe('Sandbox registry of fines', () => {
  const fine = (number: string, more: object = {}) => ({
    series: 'TEST',
    number,
    amount: '150.00',
    currency: 'AZN',
    dueOn: '2026-11-29',
    state: 'UNPAID',
    ...more,
  })
  const paying = { amount: '150.00', currency: 'AZN', paidAt: '2026-11-29T21:00:00.000Z' }
  const pay = (path: string, body: object = paying) =>
    ask('FINES', `protocols/${path}`, { method: 'PUT', body: JSON.stringify(body) })

  it('answers for a protocol, in any spelling of its number and with nothing personal', async () => {
    for (const path of ['TEST/TEST-C-0004', 'test/testc0004', 'TEST/TEST-C-0004?document=TEST-L-0002'])
      expect([path, (await ask('FINES', `protocols/${path}`)).json]).toEqual([path, fine('TEST-C-0004')])
    const { json } = await ask('FINES', 'protocols/TEST/TEST-C-0008?voen=9900000141')
    expect(json.amount).toBe('60.00')
  })

  it.each([
    'TEST/TEST-C-9999',
    'OTHER/TEST-C-0004',
    'TEST/TEST-C-0004?document=TEST-L-0001',
    'TEST/TEST-C-0004?voen=1',
  ])('has no record of the protocol %s, and says no more', async (path) => {
    const { status, json } = await ask('FINES', `protocols/${path}`)
    expect([status, json]).toEqual([404, expect.objectContaining({ type: 'not_held' })])
  })

  it('records a payment once under its key, shows it everywhere, and remembers it after a restart', async () => {
    const told = (key: string, recorded: boolean) => ({
      series: 'TEST',
      number: 'TEST-C-0004',
      key,
      recorded,
      state: 'PAID',
    })
    for (const key of ['one', 'one']) {
      const { json } = await pay(`TEST/TEST-C-0004/payments/${key}`)
      expect(json).toEqual(told(key, true))
    }
    expect((await pay('TEST/TEST-C-0004/payments/two')).json).toEqual(told('two', false))
    expect((await ask('FINES', 'protocols/TEST/TEST-C-0004')).json.state).toBe('PAID')
    const [first] = (await ask('FINES', 'persons/TEST006')).json.fines
    expect(first).toMatchObject({ number: 'TEST-C-0004', state: 'PAID', paidOn: '2026-11-30' })
    expect(finePaymentsIn(dataDir).find('TEST TESTC0004')).toMatchObject({ key: 'one', paidOn: '2026-11-30' })
  })

  it.each([
    ['TEST-C-0002', '40.00', 'PAID'],
    ['TEST-C-0010', '20.00', 'EXPIRED'],
    ['TEST-C-0011', '40.00', 'CANCELLED'],
  ])('does not record a payment of %s, which is settled', async (number, amount, state) => {
    const { json } = await pay(`TEST/${number}/payments/three`, { ...paying, amount })
    expect(json).toMatchObject({ recorded: false, state })
  })

  it.each([
    ['PUT', 'TEST/TEST-C-0005/payments/four', { ...paying, amount: '1.00' }, 400],
    ['PUT', 'TEST/TEST-C-0005/payments/four', { ...paying, by: 'somebody' }, 400],
    ['PUT', 'TEST/TEST-C-9999/payments/four', paying, 404],
    ['PUT', 'TEST/TEST-C-0005/payments/four/more', paying, 404],
    ['GET', 'TEST/TEST-C-0005/payments/four', undefined, 405],
    ['PUT', 'TEST/TEST-C-0005', paying, 405],
  ])('rejects %s %s %j', async (method, path, body, status) => {
    const said = await ask('FINES', `protocols/${path}`, { method, ...(body && { body: JSON.stringify(body) }) })
    expect(said.status).toBe(status)
    expect((await ask('FINES', 'protocols/TEST/TEST-C-0005')).json.state).toBe('UNPAID')
  })
})

describe('X-Road protocol of the sandbox', () => {
  it('echoes X-Road-Id, and makes one if it is missing', async () => {
    const { headers } = await ask('FINES', 'persons/TEST001', { headers: { 'X-Road-Id': 'a-message' } })
    expect(headers['x-road-id']).toBe('a-message')
    expect((await ask('FINES', 'persons/TEST001')).headers['x-road-id']).toMatch(uuid)
  })

  it.each([
    ['without a body', 'FINES' as const, 'persons/TEST001?vehicle=TEST001A', 'GET', ''],
    ['with a body', 'POPULATION' as const, 'query', 'POST', '{"fins":["TEST001"]}'],
  ])('gives the request hash of X-Road for a request %s', async (_, code, path, method, body) => {
    const asked = { 'X-Road-Client': sandboxClient, 'X-Road-Id': 'a-message', 'X-Road-UserId': 'AZ1', Accept: '*/*' }
    const passing = { 'User-Agent': 'a test', 'X-Road-Request-Hash': 'of its own' }
    const { headers } = await ask(code, path, { method, body, headers: { ...asked, ...passing } })
    const hash = (bytes: Buffer) => createHash('sha512').update(bytes).digest()
    const lines = [
      method,
      `/r1/${serviceOf(code)}/${path}`,
      ...Object.entries(asked).map(([name, value]) => `${name}:${value}`),
      `x-road-request-id:${headers['x-road-request-id']}`,
    ]
    const head = hash(Buffer.from(`${lines.join('\r\n')}\r\n`))
    const all = body ? hash(Buffer.concat([head, hash(Buffer.from(body))])) : head
    expect(headers['x-road-request-hash']).toBe(all.toString('base64'))
  })

  it('decodes percent-encoded parts', async () => {
    const path = `/r1/${serviceOf('FINES').replace('traffic', '%74raffic')}/persons/TEST%30%301`
    const headers = { 'X-Road-Client': sandboxClient.replace('pencere', '%70encere') }
    const said = await askRegistry(`${addressOf('FINES')}${path}`, { headers })
    expect([said.status, said.json.subject]).toEqual([200, 'TEST001'])
    expect(said.headers).toMatchObject({ 'x-road-client': sandboxClient, 'x-road-service': serviceOf('FINES') })
  })

  const fines = `/r1/SANDBOX/GOV/BDYPI/traffic/fines`
  it.each<[string, string, Record<string, string | string[]>, number, string]>([
    ['no client', `${fines}/persons/TEST001`, {}, 400, 'client.bad_request'],
    ['half a client', `${fines}/persons/TEST001`, { 'X-Road-Client': 'SANDBOX/GOV' }, 400, 'client.bad_request'],
    ['two clients', `${fines}/x`, { 'X-Road-Client': [sandboxClient, sandboxClient] }, 400, 'client.bad_request'],
    ['an invalid encoding in the path', `${fines}/%FF`, client, 400, 'client.bad_request'],
    [
      'an invalid encoding in the client',
      `${fines}/x`,
      { 'X-Road-Client': 'SANDBOX/GOV/%FF' },
      400,
      'client.bad_request',
    ],
    ['another version', fines.replace('r1', 'r2'), client, 400, 'client.bad_request'],
    ['half a service', '/r1/SANDBOX/GOV/BDYPI', client, 400, 'client.bad_request'],
    ['no path', '/', client, 400, 'client.bad_request'],
    [
      'a represented party in three parts',
      fines,
      { ...client, 'X-Road-Represented-Party': 'A/B/C' },
      400,
      'client.bad_request',
    ],
    ['another client', `${fines}/x`, { 'X-Road-Client': 'SANDBOX/COM/1/x' }, 500, 'server.serverproxy.access_denied'],
    [
      'the system of another member',
      '/r1/SANDBOX/GOV/DIN/border/border/x',
      client,
      500,
      'server.clientproxy.unknown_member',
    ],
    ['another service', `${fines.replace('/fines', '/all')}/x`, client, 500, 'server.serverproxy.unknown_service'],
  ])('rejects %s with a fault of X-Road', async (_, path, headers, status, type) => {
    const said = await askRegistry(`${addressOf('FINES')}${path}`, { headers })
    expect([said.status, said.headers['x-road-error']]).toEqual([status, type])
    expect(said.json).toEqual({ type, message: expect.stringMatching(/must be/), detail: expect.stringMatching(uuid) })
    expect(said.headers['content-type']).toBe('application/json;charset=utf-8')
  })

  it('is served only under the names of this machine', async () => {
    const { status, text } = await ask('FINES', 'persons/TEST001', { headers: { Host: 'registry.example' } })
    expect(status).toBe(421)
    expect(text).not.toContain('TEST')
    const { port } = new URL(addressOf('FINES'))
    expect((await ask('FINES', 'persons/TEST001', { headers: { Host: `localhost:${port}` } })).status).toBe(200)
  })

  it.each<Headers>([{}, { 'transfer-encoding': 'chunked' }])(
    'rejects a body that is too long, with the headers %o',
    async (more) => {
      const body = JSON.stringify({ fins: ['x'.repeat(2_000_000)] })
      const { status, headers } = await ask('POPULATION', 'query', { method: 'POST', body, headers: more })
      expect([status, headers['x-road-error'], headers.connection]).toEqual([413, 'client.bad_request', 'close'])
    },
  )

  it('keeps answering after a client hangs up', async () => {
    const socket = connect(sandbox.ports.POPULATION, '127.0.0.1')
    const head = `POST /r1/${serviceOf('POPULATION')}/query HTTP/1.1\r\nHost: localhost:${sandbox.ports.POPULATION}\r\n`
    socket.write(`${head}Content-Length: 100\r\n\r\n{`, () => socket.destroy())
    await once(socket, 'close')
    expect((await askMany('POPULATION', { fins: ['TEST001'] })).status).toBe(200)
  })
})

describe('Trouble of a sandbox registry', () => {
  it('affects no other registry', async () => {
    sandbox.set('FINES', 'failing')
    for (const [code, asking] of held)
      expect([code, (await asking()).status]).toEqual([code, code === 'FINES' ? 500 : 200])
  })

  it('resets connections while it is down', async () => {
    sandbox.set('FINES', 'down')
    await expect(ask('FINES', 'persons/TEST001')).rejects.toMatchObject({ code: 'ECONNRESET' })
    sandbox.set('FINES', 'up')
    expect((await ask('FINES', 'persons/TEST001')).status).toBe(200)
  })

  it('answers with a fault of X-Road while it is failing', async () => {
    sandbox.set('AVIS', 'failing')
    const { status, headers, json } = await ask('AVIS', 'taxpayers/TEST001')
    expect([status, headers['x-road-error']]).toEqual([500, 'server.serverproxy.service_failed'])
    expect(json).toEqual({
      type: 'server.serverproxy.service_failed',
      message: expect.any(String),
      detail: expect.any(String),
    })
    expect(headers).not.toHaveProperty('x-road-id')
  })

  it('delays the right answer while it is slow', async () => {
    sandbox.set('MEIS', 'slow')
    const asked = Date.now()
    expect((await ask('MEIS', 'persons/TEST001')).json).toEqual(records.MEIS[0])
    expect(Date.now() - asked).toBeGreaterThanOrEqual(slowness - 1)
  })

  it('lets a client leave while it is slow', async () => {
    sandbox.set('MEIS', 'slow')
    const leaving = new AbortController()
    const asked = fetch(`${addressOf('MEIS')}/r1/${serviceOf('MEIS')}/persons/TEST001`, {
      headers: client,
      signal: leaving.signal,
    })
    setTimeout(() => leaving.abort(), slowness / 5)
    await expect(asked).rejects.toThrow()
    sandbox.allUp()
    expect((await ask('MEIS', 'persons/TEST001')).status).toBe(200)
  })

  it.each(held)(
    'makes %s give half an answer, the record of another and the id of another in turn while it is garbled',
    async (code, asking, said) => {
      sandbox.set(code, 'garbled')
      for (let turn = 0; turn < 2; turn++) {
        const half = await asking()
        expect([half.status, half.json, half.headers['content-length']]).toEqual([
          200,
          undefined,
          `${Buffer.byteLength(half.text)}`,
        ])
        const whole = JSON.stringify(said)
        expect(whole.startsWith(half.text.slice(0, -1))).toBe(true)
        const another = await asking()
        expect(another.status).toBe(200)
        expect(identifiersIn(another.json)).toHaveLength(1)
        expect(identifiersIn(another.json)).not.toEqual(identifiersIn(said))
        const id = await asking({ 'X-Road-Id': 'mine' })
        expect(id.json).toEqual(said)
        expect(id.headers['x-road-id']).toMatch(uuid)
      }
    },
  )

  it('answers about a stranger with the record of another while it is garbled', async () => {
    sandbox.set('REALESTATE', 'garbled')
    await ask('REALESTATE', 'owners/TEST002')
    const { status, json } = await ask('REALESTATE', 'owners/TEST002')
    expect([status, json.subject]).toEqual([200, 'TEST001'])
  })
})

/** The subjects of an answer. */
function identifiersIn(answer: any): string[] {
  const entries = answer.persons ?? answer.companies ?? [answer]
  return entries.map(({ subject, fin, voen }: any) => subject ?? fin ?? voen)
}

describe('startRegistries', () => {
  const portsFound = async () => {
    const found = await freePorts(registryCodes.length)
    return Object.fromEntries(registryCodes.map((code, at) => [code, found[at]])) as RegistryPorts
  }
  const finePayments = { find: () => undefined, add() {} }
  const quiet = { troubleOf: () => 'up' as const, finePayments, log: { info() {}, error() {} } as never }

  it('answers with a fault and logs it if the state cannot be read', async () => {
    const [ports, errors] = [await portsFound(), [] as object[]]
    const troubleOf = () => {
      throw new Error('a state must be one of them')
    }
    const log = { info() {}, error: (said: object) => void errors.push(said) } as never
    const { stop } = await startRegistries({ ports, troubleOf, finePayments, log })
    const path = `/r1/${serviceOf('FINES')}/persons/TEST001`
    const { status, headers } = await askRegistry(`http://127.0.0.1:${ports.FINES}${path}`, { headers: client })
    expect([status, headers['x-road-error']]).toEqual([500, 'server.serverproxy.internal_error'])
    expect(errors).toEqual([{ registry: 'FINES', stack: expect.stringContaining('a state must be one of them') }])
    await stop()
  })

  it('starts all registries or none', async () => {
    const ports = { ...(await portsFound()), AVIS: sandbox.ports.FINES }
    await expect(startRegistries({ ports, ...quiet })).rejects.toThrow(
      /^the registries of a sandbox must have ports that are free; .*EADDRINUSE/,
    )
    const { AVIS } = await portsFound()
    const { stop } = await startRegistries({ ports: { ...ports, AVIS }, ...quiet })
    await stop()
  })

  it('stops at once while clients wait', async () => {
    const ports = await portsFound()
    let arrived: () => void = () => {}
    const hasArrived = new Promise<void>((settle) => {
      arrived = settle
    })
    const troubleOf = () => {
      arrived()
      return 'slow' as const
    }
    const { stop } = await startRegistries({ ports, ...quiet, troubleOf })
    const path = `/r1/${serviceOf('FINES')}/persons/TEST001`
    const asked = askRegistry(`http://127.0.0.1:${ports.FINES}${path}`, { headers: client })
    const refused = expect(asked).rejects.toMatchObject({ code: 'ECONNRESET' })
    await hasArrived
    await stop()
    await refused
  })
})
