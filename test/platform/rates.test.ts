import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setImmediate as immediately } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { configFrom } from '../../src/config.js'
import { connect } from '../../src/platform/database.js'
import { Mode } from '../../src/platform/installation.table.js'
import { openRates, ratesOf, rates as usual } from '../../src/platform/rates.js'
import { usualTimings } from '../../src/platform/timings.js'
import { anonymous, type Caller } from '../../src/shared/context.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'

const { client, statements, url } = await cloneDatabase()
/** Where there is one, all that is shared is counted in it as well. */
const valkeyUrl = process.env.TEST_VALKEY_URL

const keyring = keyringOfTest()
const rates = {
  ...usual,
  requests: { points: 5, seconds: 10 },
  refusedSecrets: { points: 2, seconds: 60 },
  commands: { points: 3, seconds: 60 },
}
const counters: ReturnType<typeof openRates>[] = []
const logged: unknown[] = []
const log = {
  error: (what: object, message: string) => logged.push([message, what]),
  info: (message: string) => logged.push([message]),
}
function open(parts: Partial<Parameters<typeof openRates>[1]> = {}, more: Partial<typeof usual> = {}) {
  const opened = openRates(
    { ...rates, ...more },
    {
      client,
      valkeyUrl: undefined,
      mode: Mode.SANDBOX,
      keyring,
      log,
      timings: usualTimings,
      ...parts,
    },
  )
  counters.push(opened)
  return opened
}
const caller: Caller = { ...anonymous, kind: 'OPERATOR', party: 'ann', id: 'ann' }
const commandIn = (opened: ReturnType<typeof open>, name = 'ring') => opened.meter('192.0.2.1', caller).command(name)

beforeEach(async () => {
  await client`truncate rate_limits`
  logged.length = 0
})
afterEach(async () => {
  vi.useRealTimers()
  for (const opened of counters.splice(0)) await opened.close()
})

describe.each([{ store: 'PostgreSQL', valkeyUrl: undefined }, ...(valkeyUrl ? [{ store: 'Valkey', valkeyUrl }] : [])])(
  'openRates in $store',
  ({ valkeyUrl }) => {
    const name = `ring${Date.now()}`

    it('counts for all processes together', async () => {
      const [one, other] = [open({ valkeyUrl }), open({ valkeyUrl })]
      const waits = []
      for (const opened of [one, other, one, other]) waits.push(await commandIn(opened, name))
      expect(waits.slice(0, 3)).toEqual([0, 0, 0])
      expect(waits[3]).toBeGreaterThan(50)
      expect(waits[3]).toBeLessThanOrEqual(60)
      expect(logged).toEqual([])
    })

    it('counts each of fifty simultaneous calls', async () => {
      const [one, other] = [open({ valkeyUrl }), open({ valkeyUrl })]
      const waits = await Promise.all(
        Array.from({ length: 50 }, (_, i) => commandIn(i % 2 ? one : other, `${name}AtOnce`)),
      )
      expect(waits.filter((wait) => wait === 0).length).toBe(3)
    })

    it('limits refused secrets by address', async () => {
      const [one, other] = [open({ valkeyUrl }), open({ valkeyUrl })]
      const from = `2001:db8::${Date.now()}`
      expect([await one.secrets(from), await one.refusedSecret(from), await other.refusedSecret(from)]).toEqual([
        0, 0, 0,
      ])
      expect(await one.secrets(from)).toBeGreaterThan(0)
      expect(await other.refusedSecret(from)).toBeGreaterThan(0)
      expect(await other.secrets(`${from}0`)).toBe(0)
    })
  },
)

describe('openRates', () => {
  const hashesBy = async (opened: ReturnType<typeof open>) => {
    await client`truncate rate_limits`
    await opened.refusedSecret('192.0.2.7')
    await opened.meter('192.0.2.7', anonymous).field('Query.knock', rates.commands, '192.0.2.7')
    const rows = await client`select key from rate_limits order by key`
    return rows.map(({ key }) => String(key).split(':').at(-1))
  }

  it('stores a keyed hash of the address, different for each limit', async () => {
    const one = await hashesBy(open())
    expect(one).not.toContain(createHash('sha256').update('192.0.2.7').digest('base64url'))
    expect(one[0]).not.toBe(one[1])
    expect(await hashesBy(open())).toEqual(one)
    expect(await hashesBy(open({ keyring: keyringOfTest() }))).not.toEqual(one)
  })

  it('counts sandbox and production apart in one Valkey', async () => {
    const asked: string[] = []
    const valkey = createServer((socket) =>
      socket.on('data', (sent) => {
        asked.push(String(sent))
        // It asks first whether all is loaded.
        socket.write(
          /\r\ninfo\r\n/i.test(String(sent)) ? '$17\r\nredis_version:7.0\r\n' : '-ERR nothing is kept here\r\n',
        )
      }),
    )
    await once(valkey.listen(0, '127.0.0.1'), 'listening')
    const { port } = valkey.address() as AddressInfo
    const valkeyUrl = `redis://127.0.0.1:${port}`
    await open({ valkeyUrl, mode: Mode.SANDBOX }).refusedSecret('192.0.2.7')
    await open({ valkeyUrl, mode: Mode.PRODUCTION }).refusedSecret('192.0.2.7')
    valkey.close()
    const prefixes = new Set([...asked.join('').matchAll(/pencere:[a-z]+:refusedSecrets/g)].map(([prefix]) => prefix))
    expect([...prefixes]).toEqual(['pencere:sandbox:refusedSecrets', 'pencere:production:refusedSecrets'])
  })

  it('refuses without a statement while a caller is over the limit', async () => {
    const one = open()
    for (let i = 0; i < 4; i++) await commandIn(one)
    statements.length = 0
    expect(await commandIn(one)).toBeGreaterThan(0)
    expect(statements).toEqual([])
  })

  it('accepts calls again after the time of the limit, and removes past counts', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] })
    const [one, other] = [open(), open()]
    for (let i = 0; i < 4; i++) await commandIn(one)
    vi.setSystemTime(Date.now() + 59_000)
    expect([await commandIn(one), await commandIn(other)]).toEqual([1, 1])
    vi.setSystemTime(Date.now() + 1_100)
    expect([await commandIn(one), await commandIn(other)]).toEqual([0, 0])
    await vi.advanceTimersByTimeAsync(299_000)
    await one.meter('192.0.2.1', caller).field('Query.knock', rates.commands, 'of now')
    await vi.advanceTimersByTimeAsync(1_000)
    const names = async () => (await client`select key from rate_limits`).map(({ key }) => key.split(':')[0])
    await vi.waitFor(async () => expect(await names()).toEqual(['Query.knock']))
  })

  it('logs a lost store once and counts in the process until it answers', async () => {
    const gone = connect('postgres://nobody@127.0.0.1:1/nothing', { max: 1 })
    const shown = { is: gone }
    const switched = new Proxy(client, {
      get: (_, name) => Reflect.get(shown.is, name),
      apply: (_, self, given) => Reflect.apply(shown.is, self, given),
    })
    const one = open({ client: switched })
    const waits = []
    for (let i = 0; i < 4; i++) waits.push(await commandIn(one))
    expect([waits.slice(0, 3), (waits[3] as number) > 0]).toEqual([[0, 0, 0], true])
    expect(logged).toEqual([
      ['limits by caller are counted in this process alone', { error: expect.objectContaining({}) }],
    ])
    shown.is = client
    statements.length = 0
    expect([await commandIn(one), statements.length]).toEqual([expect.any(Number), 0])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 })
    expect([await commandIn(one), await commandIn(one)]).toEqual([0, 0])
    expect(logged.slice(1)).toEqual([['limits by caller are counted for all processes again']])
    await gone.end({ timeout: 0 })
  })

  it('logs why Valkey cannot be reached, without its password', async () => {
    const one = open({ valkeyUrl: 'redis://:secret@127.0.0.1:1' })
    const waits = []
    for (let i = 0; i < 4; i++) waits.push(await commandIn(one))
    expect([waits.slice(0, 3), (waits[3] as number) > 0, logged.length]).toEqual([[0, 0, 0], true, 1])
    expect(JSON.stringify(logged)).toContain('ECONNREFUSED')
    expect(JSON.stringify(logged)).not.toContain('secret')
  })

  it('waits one second for the store', async () => {
    const holder = connect(url, { max: 1 })
    await holder.begin(async (tx) => {
      await tx`lock table rate_limits in access exclusive mode`
      vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
      const answer = commandIn(open())
      const blocked = () => tx`select from pg_locks where not granted and relation = 'rate_limits'::regclass`
      while ((await blocked()).length === 0);
      await vi.advanceTimersByTimeAsync(999)
      expect(logged).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(await Promise.race([answer, immediately('waits on')])).toBe(0)
      expect(logged).toMatchObject([['limits by caller are counted in this process alone', {}]])
    })
    vi.useRealTimers()
    await holder.end()
  })

  it('forgets addresses after the time of the limit', async () => {
    vi.useFakeTimers()
    const one = open()
    for (let i = 0; i < 100; i++) await one.request(`2001:db8:0:${i.toString(16)}::/64`)
    const held = vi.getTimerCount()
    await vi.advanceTimersByTimeAsync(10_000)
    expect([held - vi.getTimerCount(), await one.request('2001:db8:0:1::/64', 5)]).toEqual([100, 0])
  })
})

describe('The limits of look-ups', () => {
  const limits = {
    lookUps: { points: 2, seconds: 600 },
    lookUpsOfOne: { points: 3, seconds: 600 },
    lookUpsInAll: { points: 4, seconds: 60 },
  }
  const nobody = (opened: ReturnType<typeof open>, address: number, number: string) =>
    opened.meter(`192.0.2.${address}`, anonymous).lookUp('fine', number)
  const outcomes = async (lookUps: Promise<number>[]) => (await Promise.all(lookUps)).map((wait) => wait > 0)

  it('refuse one address, and then spend nothing of the limits of others', async () => {
    const opened = open({}, limits)
    for (const number of ['A', 'B']) expect(await nobody(opened, 1, number)).toBe(0)
    for (const _ of [1, 2, 3, 4]) expect(await nobody(opened, 1, 'C')).toBeGreaterThan(500)
    expect(await outcomes([nobody(opened, 2, 'C'), nobody(opened, 3, 'C')])).toEqual([false, false])
  })

  it('refuse one number with a second factor to everybody', async () => {
    const opened = open({}, limits)
    for (const address of [1, 2, 3]) expect(await nobody(opened, address, 'A')).toBe(0)
    expect(await nobody(opened, 4, 'A')).toBeGreaterThan(500)
    expect(await nobody(opened, 4, 'B')).toBe(0)
    expect(await opened.meter('192.0.2.5', caller).lookUp('fine')).toBe(0)
  })

  it('refuse all callers without a token together, and not one who is known', async () => {
    const opened = open({}, limits)
    for (const address of [1, 2, 3, 4]) expect(await nobody(opened, address, `A${address}`)).toBe(0)
    expect(await nobody(opened, 5, 'B')).toBeGreaterThan(50)
    expect(await opened.meter('192.0.2.5', caller).lookUp('fine', 'B')).toBe(0)
    expect(await opened.meter('192.0.2.6', caller).lookUp('fine', 'C')).toBe(0)
    expect(await opened.meter('192.0.2.7', caller).lookUp('fine', 'D')).toBeGreaterThan(500)
  })
})

describe('An unlimited rate', () => {
  it('refuses nobody, without a statement', async () => {
    const opened = open({}, { commands: { points: Number.POSITIVE_INFINITY, seconds: 60 } })
    statements.length = 0
    for (let call = 0; call < 5; call++) expect(await commandIn(opened)).toBe(0)
    expect(statements).toEqual([])
  })
})

describe('ratesOf', () => {
  it('takes the points of the configuration and no other seconds', () => {
    expect(ratesOf(configFrom({}))).toEqual(usual)
    const given = { RATE_REQUESTS: '7', RATE_COMMANDS: '9', RATE_LOOK_UPS: '11', RATE_LOOK_UPS_IN_ALL: '13' }
    expect(ratesOf(configFrom(given))).toEqual({
      ...usual,
      requests: { points: 7, seconds: usual.requests.seconds },
      commands: { points: 9, seconds: usual.commands.seconds },
      lookUps: { points: 11, seconds: usual.lookUps.seconds },
      lookUpsInAll: { points: 13, seconds: usual.lookUpsInAll.seconds },
    })
  })
})
