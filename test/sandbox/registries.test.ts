import { afterEach, describe, expect, test } from 'vitest'
import { type RegistryCode, registries, sandboxClient } from '../../src/sandbox/registries.js'
import { registriesFrom, textOfRegistries } from '../../src/sandbox/registriesFile.js'
import { askRegistry } from '../support/askRegistry.js'
import { registriesOfTest } from '../support/registries.js'

const slowness = 50
const sandbox = await registriesOfTest({ now: () => new Date('2026-11-30T20:30:00Z'), slowness })
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

/** Asks the service of a registry, as its client. */
const ask = (code: RegistryCode, path: string, asking: Parameters<typeof askRegistry>[1] = {}) =>
  askRegistry(`${addressOf(code)}/r1/${serviceOf(code)}/${path}`, {
    ...asking,
    headers: { ...client, ...asking.headers },
  })
const askMany = (code: RegistryCode, question: unknown, headers = {}) =>
  ask(code, 'query', { method: 'POST', body: JSON.stringify(question), headers })

const held: [RegistryCode, () => ReturnType<typeof ask>, unknown][] = [
  ['POPULATION', () => askMany('POPULATION', { fins: ['TEST001'] }), { persons: [records.POPULATION[0]] }],
  ['COMMERCIAL', () => askMany('COMMERCIAL', { voens: ['9900000141'] }), { companies: [records.COMMERCIAL[0]] }],
  ['FINES', () => ask('FINES', 'persons/TEST001'), records.FINES[0]],
  ['REALESTATE', () => ask('REALESTATE', 'owners/TEST001'), records.REALESTATE[0]],
  ['MEIS', () => ask('MEIS', 'persons/TEST001'), records.MEIS[0]],
  ['IAMAS', () => ask('IAMAS', 'persons/TEST001'), records.IAMAS[0]],
  ['AVIS', () => ask('AVIS', 'taxpayers/TEST001'), { ...records.AVIS[0], asOf: '2026-12-01' }],
]

describe('a registry of the sandbox', () => {
  test.each(held)('%s says what it holds', async (code, asking, said) => {
    const { status, headers, json } = await asking()
    expect([status, headers['content-type']]).toEqual([200, 'application/json;charset=utf-8'])
    expect(json).toEqual(said)
    expect(headers).toMatchObject({
      ...{ 'x-road-client': sandboxClient, 'x-road-service': serviceOf(code) },
      ...{ 'x-road-id': expect.stringMatching(uuid), 'x-road-request-id': expect.stringMatching(uuid) },
    })
    expect(headers).not.toHaveProperty('x-road-error')
  })

  test.each<[RegistryCode, string]>([
    ['FINES', 'persons/TEST098'],
    ['FINES', 'persons/9900000141'], // a company is no person
    ['FINES', 'companies/TEST001'],
    ['REALESTATE', 'owners/TEST002'],
    ['MEIS', 'persons/TEST016'],
    ['IAMAS', 'documents/UTO/TEST0009'],
    ['IAMAS', 'persons/UTO:TEST0004'], // nor is a document a FİN
    ['AVIS', 'taxpayers/TEST003'],
  ])('%s says of %s that it holds nothing, itself', async (code, path) => {
    const { status, headers, json } = await ask(code, path)
    expect(status).toBe(404)
    expect(json).toEqual({ type: 'not_held', message: expect.any(String), detail: expect.any(String) })
    expect(headers).toMatchObject({ 'x-road-service': serviceOf(code), 'x-road-request-hash': expect.any(String) })
    expect(headers).not.toHaveProperty('x-road-error')
  })
})
