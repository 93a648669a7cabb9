import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { observation } from '../../src/exchange/registries/health.js'
import { type Exchange, FailureReason, type Reply } from '../../src/shared/exchange.js'
import { ask, openedExchange } from '../support/openedExchange.js'
import { exchangeOf, type RegistryServer, registryServer, type Trouble } from '../support/registryServer.js'

const outcomeOf = (reply: Reply<unknown>) => ('failed' in reply ? reply.failed : 'ANSWERED')
const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make)

/** Time passes only when a test says so. */
function stopClock() {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
}
const pass = (milliseconds: number) => vi.advanceTimersByTime(milliseconds)
async function until(isSo: () => boolean) {
  while (!isSo()) await new Promise(setImmediate)
}
const received = (server: RegistryServer, count: number) => until(() => server.received.length >= count)

/** Notes replies in the order in which they come. */
function replies() {
  const order: string[] = []
  const noted = async (name: string, reply: Promise<Reply<unknown>>) => {
    order.push(`${name} ${outcomeOf(await reply)}`)
  }
  return { order, noted }
}

describe('Time limit of a registry', () => {
  beforeEach(() => stopClock())

  it.each<Trouble>(['silence', 'headers alone'])('ends one attempt that fails with %s', async (trouble) => {
    const server = await registryServer()
    server.be(trouble)
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, { timeLimit: 500 }))
    const reply = ask(exchange)
    await received(server, 1)
    pass(500)
    expect(await reply).toEqual({ failed: 'TIMED_OUT', retryAt: null, messageId: expect.any(String) })
    expect(server.received).toHaveLength(1)
    expect(lines).toMatchObject([{ what: { registry: 'FINES', reason: 'TIMED_OUT', type: 'time limit' } }])
    expect(exchange.healthOf('FINES')).toMatchObject({ status: 'DOWN', lastFailure: { reason: 'TIMED_OUT' } })
    await server.received[0]?.ended // the connection
  })

  it('covers all attempts together', async () => {
    const server = await registryServer()
    server.be(['reset', 'reset', 'silence'])
    const pauses = { initialDelay: 400, maxDelay: 400 }
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { timeLimit: 1_500 }), { pauses })
    const began = Date.now()
    const reply = ask(exchange)
    for (const attempt of [1, 2]) {
      await received(server, attempt)
      await until(() => exchange.healthOf('FINES').lastFailure?.at.getTime() === Date.now())
      await new Promise(setImmediate)
      pass(400)
    }
    await received(server, 3)
    pass(began + 1_500 - Date.now())
    expect(await reply).toMatchObject({ failed: 'TIMED_OUT' })
    expect(server.received).toHaveLength(3)
  })

  it('is the deadline of the request if that comes first, which does not count as a failure', async () => {
    const server = await registryServer()
    server.be('silence')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { timeLimit: 60_000 }))
    for (const attempt of [1, 2, 3, 4, 5, 6]) {
      const reply = ask(exchange, 'FINES', { deadline: Date.now() + 30 })
      await received(server, attempt)
      pass(30)
      expect(await reply).toMatchObject({ failed: 'TIMED_OUT', messageId: expect.any(String) })
    }
    expect(exchange.healthOf('FINES').breaker).toBe('CLOSED')
  })
})

describe('Retry', () => {
  it.each<Trouble[]>([['reset'], ['half a body'], [{ status: 503 }, 'reset']])(
    'sends a new message after %j',
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

describe('Circuit breaker', () => {
  const timeLimit = 1_000
  const leftAlone = 10_000
  const stateOf = (exchange: Exchange) => exchange.healthOf('FINES').breaker

  async function openBreaker(then?: Trouble) {
    stopClock()
    const server = await registryServer()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, { timeLimit }))
    server.be({ body: 'garbled' })
    for (const _ of times(5, () => {})) await ask(exchange)
    server.be(then)
    return { server, exchange, lines }
  }

  it('opens after five failures in a row, and nothing is sent for ten seconds', async () => {
    const { server, exchange, lines } = await openBreaker()
    expect(server.received).toHaveLength(5)
    expect(exchange.healthOf('FINES')).toMatchObject({ status: 'DOWN', breaker: 'OPEN' })
    const retryAt = new Date(Date.now() + leftAlone)
    expect(await ask(exchange)).toEqual({ failed: 'DOWN', retryAt, messageId: null })
    pass(leftAlone - 1)
    expect(await ask(exchange)).toEqual({ failed: 'DOWN', retryAt, messageId: null })
    expect(server.received).toHaveLength(5)
    expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      ...times(4, () => 'a registry did not answer'),
      'a registry failed too often, and is left alone for a while',
      'a registry did not answer',
    ])
  })

  it.each<[Trouble, number]>([
    ['reset', 2],
    ['wrong id', 5],
  ])('counts each message that fails with %j', async (trouble, questions) => {
    const server = await registryServer()
    server.be(trouble)
    const { exchange } = openedExchange(exchangeOf({ FINES: server }))
    for (const _ of times(questions - 1, () => {})) await ask(exchange)
    expect(stateOf(exchange)).toBe('CLOSED')
    expect(await ask(exchange)).toMatchObject({ messageId: expect.any(String) })
    expect(stateOf(exchange)).toBe('OPEN')
    expect(server.received).toHaveLength(5)
  })

  it('counts each message that times out', async () => {
    stopClock()
    const server = await registryServer()
    server.be('silence')
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { timeLimit }))
    for (const attempt of [1, 2, 3, 4, 5]) {
      expect(stateOf(exchange)).toBe('CLOSED')
      const reply = ask(exchange)
      await received(server, attempt)
      pass(timeLimit)
      await reply
    }
    expect(stateOf(exchange)).toBe('OPEN')
  })

  it('counts neither refusals nor empty answers, and starts over after an answer', async () => {
    const server = await registryServer()
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { timeLimit }))
    const bad: Trouble = { body: 'garbled' }
    const refusals = [{ status: 403 }, { fault: 'server.serverproxy.access_denied' }, { status: 404 }]
    server.be([...times(3, () => refusals).flat(), ...times(4, () => bad), undefined, ...times(4, () => bad)])
    for (const _ of times(18, () => {})) await ask(exchange)
    expect(server.received).toHaveLength(18)
    expect(stateOf(exchange)).toBe('CLOSED')
  })

  it('sends one probe after ten seconds, rejects other questions meanwhile, and closes when it is answered', async () => {
    const { server, exchange, lines } = await openBreaker()
    pass(leftAlone)
    const [probe, ...others] = times(10, () => ask(exchange))
    expect(stateOf(exchange)).toBe('HALF_OPEN')
    const retryAt = new Date(Date.now() + timeLimit)
    expect(await Promise.all(others)).toEqual(times(9, () => ({ failed: 'DOWN', retryAt, messageId: null })))
    expect(await probe).toMatchObject({ answer: { held: true } })
    expect(server.received).toHaveLength(6)
    expect(exchange.healthOf('FINES')).toMatchObject({ status: 'UP', breaker: 'CLOSED' })
    expect(lines.filter(({ level }) => level === 'info').map(({ message }) => message)).toEqual([
      'a registry answers again',
    ])
    expect((await Promise.all(times(10, () => ask(exchange)))).map(outcomeOf)).toEqual(times(10, () => 'ANSWERED'))
  })

  it('opens for another ten seconds when the probe fails, without a retry', async () => {
    const { server, exchange } = await openBreaker('reset')
    pass(leftAlone)
    const retryAt = new Date(Date.now() + leftAlone)
    expect(await ask(exchange)).toEqual({ failed: 'DOWN', retryAt, messageId: expect.any(String) })
    expect(server.received).toHaveLength(6)
    pass(leftAlone - 1)
    expect(await ask(exchange)).toMatchObject({ messageId: null })
    server.be(undefined)
    pass(1)
    expect(await ask(exchange)).toMatchObject({ answer: { held: true } })
    expect(stateOf(exchange)).toBe('CLOSED')
  })

  it('rejects questions during a probe even when all connections are taken', async () => {
    stopClock()
    const server = await registryServer()
    server.be([...times(5, (): Trouble => ({ body: 'garbled' })), 'silence'])
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { timeLimit, connections: 1 }))
    for (const _ of times(5, () => {})) await ask(exchange)
    pass(leftAlone)
    const { order, noted } = replies()
    const probe = noted('probe', ask(exchange))
    await noted('other', ask(exchange))
    await received(server, 6)
    pass(timeLimit)
    await probe
    expect(order).toEqual(['other DOWN', 'probe TIMED_OUT'])
  })

  it('rejects retries during a probe', async () => {
    stopClock()
    const server: RegistryServer = await registryServer({
      // The first five fail at one moment.
      holds: () => received(server, 5),
    })
    server.be([...times(5, (): Trouble => 'reset'), 'silence'])
    const { exchange } = openedExchange(exchangeOf({ FINES: server }, { timeLimit, connections: 6 }))
    const { order, noted } = replies()
    const first = times(5, () => noted('first', ask(exchange)))
    await until(() => stateOf(exchange) === 'OPEN')
    // Four pause before a retry; the fifth opened the breaker.
    vi.setSystemTime(Date.now() + leftAlone)
    const probe = noted('probe', ask(exchange))
    await received(server, 6)
    pass(2)
    await Promise.all(first)
    pass(timeLimit)
    await probe
    expect(order).toEqual([...times(5, () => 'first DOWN'), 'probe TIMED_OUT'])
    expect(server.received).toHaveLength(6)
  })

  it('ends the question that opens it, and logs why that failed', async () => {
    const server = await registryServer()
    server.be('reset')
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }, { timeLimit }))
    expect([outcomeOf(await ask(exchange)), outcomeOf(await ask(exchange))]).toEqual(['DOWN', 'DOWN'])
    expect(server.received).toHaveLength(5)
    const logged = lines.filter(({ message }) => message === 'a registry did not answer')
    expect(logged.map(({ what }) => what.type)).toEqual([expect.not.stringMatching('left alone'), logged[0]?.what.type])
  })

  it('closes when the probe is refused', async () => {
    const { exchange } = await openBreaker({ fault: 'Server.ServerProxy.AccessDenied' })
    pass(leftAlone)
    expect(await ask(exchange)).toMatchObject({ failed: 'REFUSED' })
    expect(stateOf(exchange)).toBe('CLOSED')
  })

  it('stays open when the request ends before the probe', async () => {
    const { server, exchange } = await openBreaker('silence')
    pass(leftAlone)
    const probe = ask(exchange, 'FINES', { deadline: Date.now() + 30 })
    await received(server, 6)
    pass(30)
    expect(await probe).toMatchObject({ failed: 'TIMED_OUT' })
    expect(stateOf(exchange)).toBe('OPEN')
    expect(await ask(exchange)).toMatchObject({ messageId: null })
    server.be(undefined)
    pass(leftAlone)
    expect(await ask(exchange)).toMatchObject({ answer: { held: true } })
  })
})

describe('Bulkhead', () => {
  /** A registry that answers one question each time it is released. */
  async function holdingServer() {
    const waiting: (() => void)[] = []
    const server = await registryServer({
      holds: () => new Promise((settle) => waiting.push(() => settle({ held: true }))),
    })
    const arrived = async (count: number) => {
      await received(server, count)
      await until(() => waiting.length > 0)
    }
    return { server, arrived, release: () => waiting.shift()?.() }
  }

  it('sends as many questions as there are connections, queues some, and answers BUSY to the rest', async () => {
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
    expect((await Promise.all(asked)).map(outcomeOf)).toEqual(times(3, () => 'ANSWERED'))
    expect(exchange.healthOf('FINES')).toMatchObject({ status: 'UP', lastFailure: null })
  })

  it('lets the next question in behind one that gave up', async () => {
    stopClock()
    const { server, arrived, release } = await holdingServer()
    const settings = exchangeOf({ FINES: server }, { connections: 1, waiting: 2, timeLimit: 60_000 })
    const { exchange } = openedExchange(settings)
    const first = ask(exchange)
    const gaveUp = ask(exchange, 'FINES', { deadline: Date.now() + 30 })
    const last = ask(exchange)
    await arrived(1)
    pass(30)
    expect(await gaveUp).toEqual({ failed: 'TIMED_OUT', retryAt: null, messageId: null })
    release()
    expect(outcomeOf(await first)).toBe('ANSWERED')
    await arrived(2)
    release()
    expect(outcomeOf(await last)).toBe('ANSWERED')
    expect(server.received).toHaveLength(2)
    expect(exchange.healthOf('FINES').lastFailure).toBeNull()
  })

  it('keeps a hundred questions to a dead registry from delaying those to another', async () => {
    stopClock()
    const [dead, living] = [await registryServer(), await registryServer()]
    dead.be('silence')
    const limits = { connections: 5, waiting: 20, timeLimit: 3_000 }
    const { exchange } = openedExchange(exchangeOf({ FINES: dead, TITLES: living }, limits))
    const { order, noted } = replies()
    const waiting = times(100, () => noted('FINES', ask(exchange, 'FINES')))
    await Promise.all(times(10, () => noted('TITLES', ask(exchange, 'TITLES'))))
    const count = (line: string) => order.filter((one) => one === line).length
    expect([order.length, count('FINES BUSY'), count('TITLES ANSWERED')]).toEqual([85, 75, 10])
    await received(dead, 5)
    pass(3_000)
    await Promise.all(waiting)
    expect(order).toHaveLength(110)
    expect(dead.received).toHaveLength(5)
    expect(exchange.healthOf('FINES').breaker).toBe('OPEN')
  })
})

describe('Question that is not JSON', () => {
  it('fails as DOWN, and nothing of it is logged', async () => {
    const server = await registryServer()
    const { exchange, lines } = openedExchange(exchangeOf({ FINES: server }))
    expect(await ask(exchange, 'FINES', { body: { fin: 'TEST001', points: 1n } })).toEqual({
      failed: 'DOWN',
      retryAt: null,
      messageId: null,
    })
    expect(lines[0]).toMatchObject({ level: 'error', what: { registry: 'FINES', error: { name: 'TypeError' } } })
    expect(JSON.stringify(lines)).not.toContain('TEST001')
  })
})

describe('observation', () => {
  const at = new Date('2027-03-01T09:00:00Z')

  it('is UNKNOWN before the first question', () => {
    expect(observation().health('CLOSED')).toEqual({
      status: 'UNKNOWN',
      breaker: 'CLOSED',
      latency: null,
      lastAnsweredAt: null,
      lastFailure: null,
    })
  })

  it('returns the median latency of the last fifty answers', () => {
    const seen = observation()
    for (const milliseconds of [...times(60, () => 1_000), ...times(25, () => 10), ...times(25, () => 20)])
      seen.answered(at, milliseconds)
    expect(seen.health('CLOSED')).toMatchObject({ status: 'UP', latency: 15, lastAnsweredAt: at })
    seen.answered(at, 30)
    expect(seen.health('CLOSED').latency).toBe(20)
  })

  it('takes its status from the last outcome, and nothing from a refusal', () => {
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
