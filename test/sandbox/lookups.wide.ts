import 'reflect-metadata'
import { afterEach, describe, expect, it } from 'vitest'
import { lookups } from '../../src/exchange/registries/lookups.js'
import { type RegistryCode, registries, systemOf } from '../../src/sandbox/registries.js'
import { registriesFrom, textOfRegistries } from '../../src/sandbox/registriesFile.js'
import type { Trouble } from '../../src/sandbox/registryTrouble.js'
import { openedExchange, question } from '../support/openedExchange.js'
import { registriesOfTest } from '../support/registries.js'

const cases = Object.values(lookups).map((lookup) => ({ lookup, code: lookup.registry as RegistryCode }))
const records = registriesFrom(textOfRegistries())
const keysOf = (code: RegistryCode) =>
  records[code].map((record) => ('subject' in record ? record.subject : 'fin' in record ? record.fin : record.voen))

const sandbox = await registriesOfTest()
afterEach(() => sandbox.allUp())

/** Asks as the API does. */
function askerOf({ lookup, code }: (typeof cases)[number], timeLimit = 10_000) {
  const connection = { ...sandbox.exchange.registries[code]!, timeLimit }
  const { exchange } = openedExchange({ ...sandbox.exchange, registries: { [code]: connection } })
  return async (key: string) =>
    await exchange.ask(code, question({ service: lookup.service, ...lookup.messageFor([key], {}) }), (body) =>
      lookup.read(body, [key]),
    )
}

describe('Lookup in a sandbox registry', () => {
  it.each(cases)('reads every record of $code whole', async (one) => {
    const ask = askerOf(one)
    for (const key of keysOf(one.code)) {
      const reply = await ask(key)
      expect(reply).toMatchObject({
        service: `${systemOf(one.code)}/${registries[one.code].service}`,
        requestHash: expect.stringMatching(/^[\w+/]{86}==$/),
      })
      const record = 'answer' in reply ? reply.answer?.get(key) : undefined
      expect(Object.keys(record ?? {})).toEqual(one.lookup.fields)
      expect(JSON.stringify(record)).not.toContain('"OTHER"')
    }
  })

  it.each(cases)('finds no record of a stranger in $code', async (one) => {
    const reply = await askerOf(one)('TEST098')
    expect('answer' in reply && (reply.answer?.size ?? 0)).toBe(0)
  })

  it.each(cases)('fails by each trouble of $code', async (one) => {
    const [key = ''] = keysOf(one.code)
    const met = async (trouble: Trouble, ask = askerOf(one)) => {
      sandbox.set(one.code, trouble)
      const reply = await ask(key)
      return 'failed' in reply ? reply.failed : 'an answer'
    }
    expect(await met('down')).toBe('DOWN')
    expect(await met('failing')).toBe('DOWN')
    expect(await met('slow', askerOf(one, 20))).toBe('TIMED_OUT')
    for (let turn = 0; turn < 3; turn++) expect(await met('garbled')).toBe('INVALID_ANSWER')
    expect(await met('up')).toBe('an answer')
  })
})
