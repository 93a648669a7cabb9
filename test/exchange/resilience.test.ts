import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { observation } from '../../src/exchange/health.js'
import { FailureReason, type Reply } from '../../src/shared/exchange.js'
import { ask, openedExchange } from '../support/openedExchange.js'
import { exchangeOf, type RegistryServer, registryServer, type Trouble } from '../support/registryServer.js'

const failed = (reply: Reply<unknown>) => ('failed' in reply ? reply.failed : 'ANSWERED')
const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make)

/** Of the machine, as the breaker reads it: it passes where a test says so. */
function stoppedClock() {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  return { pass: (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds) }
}

describe('A registry that hangs', () => {
  it.each<Trouble>(['silence', 'headers alone'])(
    'with %s is waited for as long as its limit is, and once',
    async (trouble) => {
      const server = await registryServer()
      server.be(trouble)
      const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, { timeLimit: 500 }))
      const reply = await ask(exchange)
      expect(reply).toEqual({ failed: 'TIMED_OUT', retryAt: null, messageId: expect.any(String) })
      expect(server.received).toHaveLength(1)
      expect(lines).toMatchObject([{ what: { registry: 'FINES', reason: 'TIMED_OUT', type: 'time limit' } }])
      expect(exchange.healthOf('FINES')).toMatchObject({ status: 'DOWN', lastFailure: { reason: 'TIMED_OUT' } })
      // Nobody listens to it any more.
      await server.received[0]?.ended
    },
  )

  it('is waited for no longer than the request may take, and that says nothing of it', async () => {
    const server = await registryServer()
    server.be('silence')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { timeLimit: 60_000 }))
    for (const _ of times(8, () => {}))
      expect(await ask(exchange, 'FINES', { deadline: Date.now() + 30 })).toMatchObject({
        ...{ failed: 'TIMED_OUT', messageId: expect.any(String) },
      })
    expect(exchange.healthOf('FINES').breaker).toBe('CLOSED')
  })

  it('fails once more and then again within one limit, not each time anew', async () => {
    const server = await registryServer()
    server.be(['reset', 'reset', 'silence'])
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { timeLimit: 1_500 }))
    expect(await ask(exchange)).toMatchObject({ failed: 'TIMED_OUT' })
    expect(server.received).toHaveLength(3)
  })
})

describe('A registry that is down for a moment', () => {
  it.each<Trouble[]>([['reset'], ['half a body'], [{ status: 503 }, 'reset']])(
    'with %j answers after all',
    async (...troubles) => {
      const server = await registryServer()
      server.be(troubles)
      const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
      const reply = await ask(exchange)
      const sent = server.received.map(({ headers }) => headers['x-road-id'])
      expect(reply).toMatchObject({ answer: { held: true }, messageId: sent.at(-1) })
      expect([sent.length, new Set(sent).size]).toEqual([troubles.length + 1, troubles.length + 1])
      expect(lines.filter(({ level }) => level !== 'debug')).toEqual([])
      expect(exchange.healthOf('FINES')).toMatchObject({ status: 'UP', lastFailure: { reason: 'DOWN' } })
    },
  )
})

describe('The breaker', () => {
  const limits = { timeLimit: 1_000 }
  let clock: ReturnType<typeof stoppedClock>
  beforeEach(() => {
    clock = stoppedClock()
  })
  async function broken(trouble: Trouble = { body: 'garbled' }) {
    const server = await registryServer()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, limits))
    server.be(trouble)
    for (const _ of times(5, () => {})) await ask(exchange)
    return { server, exchange, lines }
  }

  it('opens after five failures in a row, and then nothing is sent', async () => {
    const { server, exchange, lines } = await broken()
    expect(server.received).toHaveLength(5)
    expect(exchange.healthOf('FINES')).toMatchObject({ status: 'DOWN', breaker: 'OPEN' })
    const retryAt = new Date(Date.now() + 10_000)
    expect(await ask(exchange)).toEqual({ failed: 'DOWN', retryAt, messageId: null })
    clock.pass(9_999)
    expect(await ask(exchange)).toEqual({ failed: 'DOWN', retryAt, messageId: null })
    expect(server.received).toHaveLength(5)
    expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      ...times(4, () => 'a registry did not answer'),
      'a registry failed too often, and is left alone for a while',
      'a registry did not answer',
    ])
  })

  it.each<[string, Trouble, number]>([
    ['is down', 'reset', 2],
    ['hangs', 'silence', 5],
    ['says what cannot be', 'wrong id', 5],
  ])('counts each message to a registry that %s', async (_, trouble, asked) => {
    const server = await registryServer()
    server.be(trouble)
    const { exchange } = openedExchange(
      exchangeOf({ FINES: server }, { timeLimit: trouble === 'silence' ? 100 : 3_000 }),
    )
    for (const _ of times(asked - 1, () => {})) await ask(exchange)
    expect(exchange.healthOf('FINES').breaker).toBe('CLOSED')
    expect(await ask(exchange)).toMatchObject({ messageId: expect.any(String) })
    expect(exchange.healthOf('FINES').breaker).toBe('OPEN')
    expect(await ask(exchange)).toMatchObject({ failed: 'DOWN', messageId: null })
  })

  it('counts no refusal, nor that nothing is held, and begins anew after an answer', async () => {
    const server = await registryServer()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, limits))
    const bad: Trouble = { body: 'garbled' }
    const refused = [{ status: 403 }, { fault: 'server.serverproxy.access_denied' }, { status: 404 }]
    server.be([...times(3, () => refused).flat(), ...times(4, () => bad), undefined, ...times(4, () => bad)])
    for (const _ of times(18, () => {})) await ask(exchange)
    expect(server.received).toHaveLength(18)
    expect(exchange.healthOf('FINES').breaker).toBe('CLOSED')
  })

  it('lets one message find out whether the registry is back, and turns the others away meanwhile', async () => {
    const { server, exchange, lines } = await broken()
    server.be(undefined)
    clock.pass(10_000)
    const [probe, ...others] = times(30, () => ask(exchange))
    expect(exchange.healthOf('FINES').breaker).toBe('HALF_OPEN')
    const retryAt = new Date(Date.now() + limits.timeLimit)
    expect(await Promise.all(others)).toEqual(times(29, () => ({ failed: 'DOWN', retryAt, messageId: null })))
    expect(await probe).toMatchObject({ answer: { held: true } })
    expect(server.received).toHaveLength(6)
    expect(exchange.healthOf('FINES')).toMatchObject({ status: 'UP', breaker: 'CLOSED' })
    expect(lines.filter(({ level }) => level === 'info').map(({ message }) => message)).toEqual([
      'a registry answers again',
    ])
    expect((await Promise.all(times(30, () => ask(exchange)))).map(failed)).toEqual(times(30, () => 'ANSWERED'))
  })

  it('opens again for as long where that message fails too, and sends no second one', async () => {
    const { server, exchange } = await broken()
    server.be('reset')
    clock.pass(10_000)
    const retryAt = new Date(Date.now() + 10_000)
    expect(await ask(exchange)).toEqual({ failed: 'DOWN', retryAt, messageId: expect.any(String) })
    expect(server.received).toHaveLength(6)
    clock.pass(9_999)
    expect(await ask(exchange)).toMatchObject({ messageId: null })
    server.be(undefined)
    clock.pass(1)
    expect(await ask(exchange)).toMatchObject({ answer: { held: true } })
    expect(exchange.healthOf('FINES').breaker).toBe('CLOSED')
  })

  const inOrder = () => {
    const order: string[] = []
    const noted = async (name: string, reply: Promise<Reply<unknown>>) => {
      order.push(`${name} ${failed(await reply)}`)
    }
    return { order, noted }
  }

  it('turns away who comes while it finds out, though there is no room', async () => {
    const server = await registryServer()
    server.be([...times(5, (): Trouble => ({ body: 'garbled' })), 'silence'])
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { ...limits, connections: 1 }))
    for (const _ of times(5, () => {})) await ask(exchange)
    clock.pass(10_000)
    const { order, noted } = inOrder()
    await Promise.all([noted('probe', ask(exchange)), noted('other', ask(exchange))])
    expect(order).toEqual(['other DOWN', 'probe TIMED_OUT'])
  })

  it('turns away who comes again while it finds out', async () => {
    const server: RegistryServer = await registryServer({
      // All of the first fail at one moment.
      holds: async () => {
        while (server.received.length < 5) await new Promise(setImmediate)
      },
    })
    server.be([...times(5, (): Trouble => 'reset'), 'silence'])
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { ...limits, connections: 6 }))
    const { order, noted } = inOrder()
    const first = times(5, () => noted('first', ask(exchange)))
    while (exchange.healthOf('FINES').breaker !== 'OPEN') await new Promise(setImmediate)
    // Four are about to come again, within half a second; the fifth has opened the breaker.
    clock.pass(10_000)
    await Promise.all([...first, noted('probe', ask(exchange))])
    expect(order).toEqual([...times(5, () => 'first DOWN'), 'probe TIMED_OUT'])
    expect(server.received).toHaveLength(6)
  })

  it('ends the question by which it opens, which says why', async () => {
    const server = await registryServer()
    server.be('reset')
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, limits))
    const replies = [await ask(exchange), await ask(exchange)]
    expect(replies.map(failed)).toEqual(['DOWN', 'DOWN'])
    expect(server.received).toHaveLength(5)
    const told = lines.filter(({ message }) => message === 'a registry did not answer')
    expect(told.map(({ what }) => what.type)).toEqual([expect.not.stringMatching('left alone'), told[0]?.what.type])
  })

  it('closes where the registry refuses: it is there', async () => {
    const { server, exchange } = await broken()
    server.be({ fault: 'Server.ServerProxy.AccessDenied' })
    clock.pass(10_000)
    expect(await ask(exchange)).toMatchObject({ failed: 'REFUSED' })
    expect(exchange.healthOf('FINES').breaker).toBe('CLOSED')
  })

  it('learns nothing from a message that was cut short, and stays open', async () => {
    const { server, exchange } = await broken()
    server.be('silence')
    clock.pass(10_000)
    expect(await ask(exchange, 'FINES', { deadline: Date.now() + 30 })).toMatchObject({ failed: 'TIMED_OUT' })
    expect(exchange.healthOf('FINES').breaker).toBe('OPEN')
    expect(await ask(exchange)).toMatchObject({ messageId: null })
    server.be(undefined)
    clock.pass(10_000)
    expect(await ask(exchange)).toMatchObject({ answer: { held: true } })
  })
})

describe('Room', () => {
  /** A registry that answers when it is let. */
  async function holdingServer() {
    const waiting: (() => void)[] = []
    const server = await registryServer({
      holds: () => new Promise((settle) => waiting.push(() => settle({ held: true }))),
    })
    const arrived = async (count: number) => {
      while (server.received.length < count) await new Promise(setImmediate)
      while (waiting.length === 0) await new Promise(setImmediate)
    }
    return { server, arrived, release: () => waiting.shift()?.() }
  }

  it('is for so many at once, and for so many who wait; who comes then is told at once', async () => {
    const { server, arrived, release } = await holdingServer()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, { connections: 2, waiting: 1 }))
    const asked = times(3, () => ask(exchange))
    expect(await ask(exchange)).toEqual({ failed: 'BUSY', retryAt: null, messageId: null })
    expect(lines).toMatchObject([{ level: 'debug', what: { reason: 'BUSY' } }])
    await arrived(2)
    expect(server.received).toHaveLength(2)
    for (const count of [2, 3, 3]) {
      await arrived(count)
      release()
      if (count === 2) await Promise.race(asked)
    }
    expect((await Promise.all(asked)).map(failed)).toEqual(times(3, () => 'ANSWERED'))
    expect(exchange.healthOf('FINES')).toMatchObject({ status: 'UP', lastFailure: null })
  })

  it('is taken by who waits behind one that gave up', async () => {
    const { server, arrived, release } = await holdingServer()
    const { exchange } = openedExchange(
      exchangeOf({ FINES: server }, { connections: 1, waiting: 2, timeLimit: 60_000 }),
    )
    const first = ask(exchange)
    const gaveUp = ask(exchange, 'FINES', { deadline: Date.now() + 30 })
    const last = ask(exchange)
    await arrived(1)
    expect(await gaveUp).toEqual({ failed: 'TIMED_OUT', retryAt: null, messageId: null })
    release()
    expect(failed(await first)).toBe('ANSWERED')
    await arrived(2)
    release()
    expect(failed(await last)).toBe('ANSWERED')
    expect(server.received).toHaveLength(2)
    expect(exchange.healthOf('FINES').lastFailure).toBeNull()
  })

  it('of one registry is no matter of another: a thousand wait for a dead one, and the other answers before them', async () => {
    const [dead, living] = [await registryServer(), await registryServer()]
    dead.be('silence')
    const { exchange } = openedExchange(exchangeOf({ FINES: dead, TITLES: living }))
    const order: string[] = []
    const noted = async (name: string, reply: Promise<Reply<unknown>>) => {
      order.push(`${name} ${failed(await reply)}`)
    }
    const all = times(1_000, () => noted('FINES', ask(exchange, 'FINES')))
    const others = times(50, () => noted('TITLES', ask(exchange, 'TITLES')))
    await Promise.all(others)
    const counted = new Map<string, number>()
    for (const line of order) counted.set(line, (counted.get(line) ?? 0) + 1)
    expect(Object.fromEntries(counted)).toEqual({ 'FINES BUSY': 780, 'TITLES ANSWERED': 50 })
    // Hardly one of those who wait is sent when the ones under way are given up: the breaker has opened by then.
    await Promise.all(all)
    expect(order).toHaveLength(1_050)
    expect(dead.received.length).toBeLessThan(30)
    expect(exchange.healthOf('FINES').breaker).toBe('OPEN')
  })
})

it('A question that cannot be made into a message rejects nobody, and nothing of it is in the log', async () => {
  const server = await registryServer()
  const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
  expect(await ask(exchange, 'FINES', { body: { fin: 'TEST001', points: 1n } })).toEqual({
    ...{ failed: 'DOWN', retryAt: null, messageId: null },
  })
  expect(lines[0]).toMatchObject({ level: 'error', what: { registry: 'FINES', error: { name: 'TypeError' } } })
  expect(JSON.stringify(lines)).not.toContain('TEST001')
})

describe('How a registry has been', () => {
  const at = new Date('2027-03-01T09:00:00Z')

  it('is not known before it was asked', () => {
    expect(observation().health('CLOSED')).toEqual({
      ...{ status: 'UNKNOWN', breaker: 'CLOSED', latency: null, lastAnsweredAt: null, lastFailure: null },
    })
  })

  it('is told by the middle of its last fifty answers', () => {
    const seen = observation()
    for (const milliseconds of [...times(60, () => 1_000), ...times(25, () => 10), ...times(25, () => 20)])
      seen.answered(at, milliseconds)
    expect(seen.health('CLOSED')).toMatchObject({ status: 'UP', latency: 15, lastAnsweredAt: at })
    seen.answered(at, 30)
    expect(seen.health('CLOSED').latency).toBe(20)
  })

  it('is told by what came last; a refusal does not say that it is down', () => {
    const seen = observation()
    seen.failed(at, FailureReason.REFUSED)
    expect(seen.health('CLOSED')).toMatchObject({ status: 'UNKNOWN', lastFailure: { reason: 'REFUSED', at } })
    seen.answered(at, 1)
    expect([seen.health('CLOSED').status, seen.health('OPEN').status]).toEqual(['UP', 'DOWN'])
    seen.failed(at, FailureReason.INVALID_ANSWER)
    expect(seen.health('CLOSED').status).toBe('DOWN')
    seen.answered(at, 1)
    expect(seen.health('CLOSED')).toMatchObject({ status: 'UP', lastFailure: { reason: 'INVALID_ANSWER' } })
  })
})
