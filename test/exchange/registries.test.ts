import { describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { unconnected } from '../../src/shared/exchange.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { ask as askRegistry, openedExchange } from '../support/openedExchange.js'
import { exchangeOf, type Received, registryServer } from '../support/registryServer.js'
import { createServer } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
const all = `{ registries {
  code registry { code name } agency { code } status breaker latency lastAnsweredAt lastFailure { reason at }
} }`
const operator = { operator: true, language: 'en' }

describe('The operator', () => {
  it('sees the registries that are connected, by their codes, and nothing of those that were not asked yet', async () => {
    const server = await registryServer()
    const ask = await apiOf(database, {
      exchange: openedExchange(exchangeOf({ POPULATION: server, FINES: server })).exchange,
    })
    const { data, errors } = await ask(all, operator)
    expect(errors).toBeUndefined()
    const unknown = { status: 'UNKNOWN', breaker: 'CLOSED', latency: null, lastAnsweredAt: null, lastFailure: null }
    expect(data.registries).toEqual([
      { code: 'FINES', registry: { code: 'FINES', name: expect.any(String) }, agency: { code: 'BDYPI' }, ...unknown },
      {
        code: 'POPULATION',
        registry: { code: 'POPULATION', name: expect.any(String) },
        agency: { code: 'DIN' },
        ...unknown,
      },
    ])
    expect(server.received).toHaveLength(0)
  })

  it('sees when one answered, how long it took, and why one did not', async () => {
    const [living, dead] = [await registryServer(), await registryServer()]
    dead.be({ fault: 'server.serverproxy.network_error' })
    const now = new Date('2027-03-01T09:00:00Z')
    const { exchange } = openedExchange(exchangeOf({ POPULATION: living, FINES: dead }), () => now)
    const ask = await apiOf(database, { exchange })
    await askRegistry(exchange, 'POPULATION')
    await askRegistry(exchange, 'FINES')
    await askRegistry(exchange, 'FINES')
    const { data } = await ask(all, operator)
    expect(data.registries).toMatchObject([
      {
        ...{ code: 'FINES', status: 'DOWN', breaker: 'OPEN', latency: null, lastAnsweredAt: null },
        lastFailure: { reason: 'DOWN', at: now.toISOString() },
      },
      {
        ...{ code: 'POPULATION', status: 'UP', breaker: 'CLOSED', lastFailure: null },
        ...{ lastAnsweredAt: now.toISOString(), latency: expect.any(Number) },
      },
    ])
  })

  it('sees none where none is connected, and none of a code that the catalogue has not', async () => {
    const server = await registryServer()
    expect((await (await apiOf(database))(all, operator)).data).toEqual({ registries: [] })
    const ask = await apiOf(database, { exchange: openedExchange(exchangeOf({ NOWHERE: server })).exchange })
    expect((await ask(all, operator)).data).toEqual({ registries: [] })
  })
})

describe('A server', () => {
  it('asks the registries of its configuration, and closes the way to them with itself', async () => {
    const server = await registryServer({ holds: () => ({ subject: 'TEST001', points: 3, fines: [] }) })
    const connection = { system: 'AZ/GOV/2000/TRAFFIC', securityServer: { url: server.url } }
    const told = { client: 'AZ/GOV/1000/PENCERE', registries: { FINES: connection } }
    const config = configFrom({ LOG_LEVEL: 'silent', SANDBOX_ALLOWS: 'exchange', EXCHANGE: JSON.stringify(told) })
    const app = await createServer({ config, database })
    const query = '{ viewer { person { traffic { record { points } provenance { messageId service } } } } }'
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: await as('citizen'),
      payload: { query },
    })
    const [{ url, headers, ended }] = server.received as [Received]
    expect(response.json()).toEqual({
      data: {
        viewer: {
          person: {
            traffic: {
              record: { points: 3 },
              provenance: { messageId: headers['x-road-id'], service: 'AZ/GOV/2000/TRAFFIC/fines' },
            },
          },
        },
      },
    })
    expect(url).toBe('/r1/AZ/GOV/2000/TRAFFIC/fines/persons/TEST001')
    await app.close()
    await ended
  })

  it('leaves open what it was given', async () => {
    let closed = 0
    const close = async () => {
      closed++
    }
    const config = configFrom({ LOG_LEVEL: 'silent' })
    const app = await createServer({ config, database, exchange: { ...unconnected, close } })
    await app.close()
    expect(closed).toBe(0)
  })
})
