import 'reflect-metadata'
import { afterEach, expect, test } from 'vitest'
import { border } from '../../src/exchange/border.js'
import { companies } from '../../src/exchange/companies.js'
import type { Lookup } from '../../src/exchange/lookup.js'
import { population } from '../../src/exchange/population.js'
import { property } from '../../src/exchange/property.js'
import { socialInsurance } from '../../src/exchange/socialInsurance.js'
import { tax } from '../../src/exchange/tax.js'
import { traffic } from '../../src/exchange/traffic.js'
import { type RegistryCode, registries, systemOf } from '../../src/sandbox/registries.js'
import type { Trouble } from '../../src/sandbox/registryTrouble.js'
import { openedExchange, question } from '../support/openedExchange.js'
import { registriesOfTest } from '../support/registries.js'

/** Whom each of the registries holds. */
const held: [Lookup, string][] = [
  [population, 'TEST001'],
  [companies, '9900000141'],
  [traffic, 'TEST001'],
  [property, 'TEST001'],
  [socialInsurance, 'TEST001'],
  [border, 'UTO:TEST0004'],
  [tax, 'TEST001'],
]
const cases = held.map(([lookup, key]) => ({ lookup, key, code: lookup.registry as RegistryCode }))

const sandbox = await registriesOfTest()
afterEach(() => sandbox.allUp())

/** As the API asks. */
function askerOf({ lookup, code }: (typeof cases)[number], timeLimit = 10_000) {
  const connection = { ...sandbox.exchange.registries[code]!, timeLimit }
  const { exchange } = openedExchange({ ...sandbox.exchange, registries: { [code]: connection } })
  return async (key: string) =>
    await exchange.ask(code, question({ service: lookup.service, ...lookup.messageFor([key], {}) }), (body) =>
      lookup.read(body, [key]),
    )
}

test.each(cases)('$code of a sandbox is asked as any other registry', async (one) => {
  const ask = askerOf(one)
  const reply = await ask(one.key)
  expect(reply).toMatchObject({
    service: `${systemOf(one.code)}/${registries[one.code].service}`,
    requestHash: expect.stringMatching(/^[\w+/]{86}==$/),
  })
  expect('answer' in reply && [...(reply.answer?.keys() ?? [])]).toEqual([one.key])
  const stranger = await ask('TEST098')
  expect('answer' in stranger && (stranger.answer?.size ?? 0)).toBe(0)
})

test.each(cases)('$code in trouble is told apart by what the trouble is', async (one) => {
  const met = async (trouble: Trouble, ask = askerOf(one)) => {
    sandbox.set(one.code, trouble)
    const reply = await ask(one.key)
    return 'failed' in reply ? reply.failed : 'an answer'
  }
  expect(await met('down')).toBe('DOWN')
  expect(await met('failing')).toBe('DOWN')
  expect(await met('slow', askerOf(one, 100))).toBe('TIMED_OUT')
  for (let turn = 0; turn < 3; turn++) expect(await met('garbled')).toBe('INVALID_ANSWER')
  expect(await met('up')).toBe('an answer')
})
