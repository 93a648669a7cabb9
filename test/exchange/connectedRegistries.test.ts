import { describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { type Exchange, unconnected } from '../../src/shared/exchange.js'
import { apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { ask as askRegistry, openedExchange } from '../support/openedExchange.js'
import { exchangeOf, type Received, registryServer } from '../support/registryServer.js'
import { createServer } from '../support/server.js'
import { as } from '../support/tokens.js'

const database = await cloneDatabase()
let connected: Exchange = unconnected
const ask = await apiOf(database, {
  exchange: {
    ...unconnected,
    ask: (...asked) => connected.ask(...asked),
    healthOf: (registry) => connected.healthOf(registry),
  },
})

describe('connectedRegistries', () => {
  const registries = async () => {
    const query = `{ connectedRegistries {
      code registry { code name } agency { code } status breaker latency lastAnsweredAt lastFailure { reason at } } }`
    const { data, errors } = await ask(query, { operator: true, language: 'en' })
    expect(errors).toBeUndefined()
    return data.connectedRegistries
  }

  it('lists the connected registries by code, UNKNOWN until they are asked', async () => {
    const server = await registryServer()
    connected = openedExchange(exchangeOf({ POPULATION: server, FINES: server })).exchange
    const unknown = { status: 'UNKNOWN', breaker: 'CLOSED', latency: null, lastAnsweredAt: null, lastFailure: null }
    expect(await registries()).toEqual([
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

  it('shows when a registry last answered and failed, its latency and its breaker', async () => {
    const [living, dead] = [await registryServer(), await registryServer()]
    dead.be({ fault: 'server.serverproxy.network_error' })
    const now = new Date('2027-03-01T09:00:00Z')
    connected = openedExchange(exchangeOf({ POPULATION: living, FINES: dead }), { now: () => now }).exchange
    await askRegistry(connected, 'POPULATION')
    await askRegistry(connected, 'FINES')
    await askRegistry(connected, 'FINES')
    expect(await registries()).toMatchObject([
      {
        code: 'FINES',
        status: 'DOWN',
        breaker: 'OPEN',
        latency: null,
        lastAnsweredAt: null,
        lastFailure: { reason: 'DOWN', at: now.toISOString() },
      },
      {
        code: 'POPULATION',
        status: 'UP',
        breaker: 'CLOSED',
        latency: expect.any(Number),
        lastAnsweredAt: now.toISOString(),
        lastFailure: null,
      },
    ])
  })

  it('leaves out registries that are not connected or not in the catalogue', async () => {
    connected = unconnected
    expect(await registries()).toEqual([])
    connected = openedExchange(exchangeOf({ NOWHERE: await registryServer() })).exchange
    expect(await registries()).toEqual([])
  })
})

describe('createServer', () => {
  it('asks the registries of EXCHANGE and closes the connections with itself', async () => {
    const server = await registryServer({ holds: () => ({ subject: 'TEST001', points: 3, fines: [] }) })
    const connection = { system: 'AZ/GOV/2000/TRAFFIC', securityServer: { url: server.url } }
    const settings = { client: 'AZ/GOV/1000/PENCERE', registries: { FINES: connection } }
    const environment = { LOG_LEVEL: 'silent', SANDBOX_ALLOWS: 'exchange', EXCHANGE: JSON.stringify(settings) }
    const app = await createServer({ config: configFrom(environment), database })
    const query = '{ viewer { person { traffic { record { points } provenance { messageId service } } } } }'
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: await as('citizen'),
      payload: { query },
    })
    const [{ url, headers, ended }] = server.received as [Received]
    expect(response.json().data.viewer.person.traffic).toEqual({
      record: { points: 3 },
      provenance: { messageId: headers['x-road-id'], service: 'AZ/GOV/2000/TRAFFIC/fines' },
    })
    expect(url).toBe('/r1/AZ/GOV/2000/TRAFFIC/fines/persons/TEST001')
    await app.close()
    await ended
  })

  it('does not close an exchange that it was given', async () => {
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
