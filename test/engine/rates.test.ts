import 'reflect-metadata'
import { Arg, InputType, Query, Resolver } from 'type-graphql'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { AllowedTo, anyone } from '../../src/engine/allowedTo.js'
import { command, type Ground, type Made, made } from '../../src/engine/command.js'
import { type Domain, schemaOf } from '../../src/engine/engine.js'
import { LimitedTo } from '../../src/engine/rates.js'
import { Mode } from '../../src/platform/installation.table.js'
import { openRates, rates as usual } from '../../src/platform/rates.js'
import { usualTimings } from '../../src/platform/timings.js'
import { Assurance } from '../../src/shared/assurance.table.js'
import { anonymous, type Caller, type Context, contextOf, meterOf, operator } from '../../src/shared/context.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { askerOf } from './asking.js'

const database = await cloneDatabase()
const { client } = database
const limited = { points: 2, seconds: 60 }
const log = { error: (_what: object, message: string) => expect.fail(message), info() {} }
const counters = openRates(
  { ...usual, requests: { points: 10, seconds: 60 }, refusedSecrets: limited, commands: limited },
  { client, valkeyUrl: undefined, mode: Mode.SANDBOX, keyring: keyringOfTest(), log, timings: usualTimings },
)
afterAll(() => counters.close())

@Resolver()
class Doors {
  @AllowedTo(anyone)
  @LimitedTo({ points: 2, seconds: 60, by: ({ number }) => number })
  @Query(() => String, { nullable: true })
  knock(@Arg('number', () => String, { nullable: true }) number?: string) {
    return `nobody at ${number}`
  }
}
const commandNamed = (name: string, allowedTo = anyone) => {
  const input = { [name]: class {} }[name] as new () => object // just made
  InputType(`${name}Input`)(input)
  const described = { description: name, allowedTo, input, key: 'optional', creates: false, made: {} } as const
  return command({ name, ...described, act: async () => made({}) })
}
const doors: Domain = {
  name: 'doors',
  resolvers: [Doors],
  commands: [commandNamed('ring'), commandNamed('paint'), commandNamed('sell', operator)],
}
const ground: Ground = {
  once: async (_context, _given, act) => ({ ...((await act({})) as Made), replayed: false }), // none refuses
  messages: {},
  languageOf: () => 'en',
}
const schema = schemaOf([doors], { clientOf: () => client, kinds: ['ANONYMOUS'], ground, meterOf })
const ask = askerOf<Context>(schema, meterOf)

beforeEach(async () => {
  await client`truncate rate_limits`
})
const done = { replayed: false }
let places = 0
/** An address that nobody has asked from. */
const somewhere = () => `192.0.2.${++places}`
const known = (id: string): Caller => ({
  ...anonymous,
  kind: 'OPERATOR',
  party: id,
  assurance: Assurance.HIGH,
  id,
})
/** A command is written here by its name alone. */
async function asks(written: string, { from = somewhere(), caller = anonymous } = {}) {
  const query = written.replace(/\b(ring|paint|sell)\b/g, '$1(input: {}) { replayed }')
  const context = contextOf({
    caller,
    language: 'az',
    database,
    keyring: keyringOfTest(),
    meter: counters.meter(from, caller),
    now: () => new Date(),
    timeout: 10_000,
  })
  const { data, errors } = await ask({ query }, context)
  return { data: JSON.parse(JSON.stringify(data ?? null)), refused: errors.map(({ code, path }) => [code, ...path]) }
}
const counted = async () => Number((await client`select coalesce(sum(points), 0) as sum from rate_limits`)[0]?.sum)

describe('A limit of a field', () => {
  it('counts every caller and alias, and keeps the rest of the answer', async () => {
    const { data, refused } = await asks(
      '{ a: knock(number: "1") b: knock(number: "1") c: knock(number: "1") d: knock(number: "2") }',
    )
    expect(Object.values(data).filter((answer) => answer === 'nobody at 1').length).toBe(2)
    expect([refused.length, refused[0]?.[0], data.d]).toEqual([1, 'RATE_LIMITED', 'nobody at 2'])
    expect((await asks('{ knock(number: "1") }')).refused).toEqual([['RATE_LIMITED', 'knock']])
  })

  it('ignores a field without its argument', async () => {
    expect((await asks('{ a: knock b: knock c: knock }')).refused).toEqual([])
    expect(await counted()).toBe(0)
  })

  it('stores no readable value of the argument', async () => {
    for (const number of ['secret', '\\u0000', 'x'.repeat(5000)])
      expect((await asks(`{ knock(number: "${number}") }`)).refused).toEqual([])
    expect((await client`select key from rate_limits`).map(({ key }) => key)).toEqual(
      Array(3).fill(expect.stringMatching(/^Query\.knock:[\w-]{43}$/)),
    )
  })
})

describe('The limit of commands', () => {
  it('counts calls per caller and command', async () => {
    const { data, refused } = await asks('mutation { a: ring b: ring c: ring paint }', { caller: known('ann') })
    expect([data, refused]).toEqual([{ a: done, b: done, c: null, paint: done }, [['RATE_LIMITED', 'c']]])
    expect((await asks('mutation { ring }', { caller: known('ann') })).refused.length).toBe(1)
    expect((await asks('mutation { ring }', { caller: known('bob') })).refused).toEqual([])
  })

  it('counts unknown callers by their address', async () => {
    const from = somewhere()
    expect((await asks('mutation { a: ring b: ring c: ring }', { from })).refused.length).toBe(1)
    expect((await asks('mutation { ring }')).refused).toEqual([])
  })

  it('does not count a command that its rule refuses', async () => {
    expect((await asks('mutation { a: sell b: sell c: sell }')).refused.map(([code]) => code)).toEqual(
      Array(3).fill('UNAUTHENTICATED'),
    )
    expect(await counted()).toBe(0)
  })
})

describe('The limit of requests', () => {
  it('refuses an operation with more commands than are left, and runs none of them', async () => {
    const from = somewhere()
    const nine = Array.from({ length: 10 }, (_, i) => `a${i}: paint`).join(' ')
    // Its first point is spent by the request that brings it.
    expect((await asks(`mutation { ${nine} }`, { from })).refused.length).toBe(8)
    expect((await asks('mutation { a: ring b: ring }', { from })).refused).toEqual([])
    const before = await counted()
    expect(await asks('mutation { a: ring b: ring }', { from })).toEqual({ data: null, refused: [['RATE_LIMITED']] })
    expect(await counted()).toBe(before)
  })
})
