import { describe, expect, it } from 'vitest'
import {
  captured,
  effectsOf,
  mayBecome,
  momentOfCapture,
  nextCheckAt,
  transitions,
  verdictOf,
} from '../../src/payments/checkout/payment.rules.js'
import { PaymentState as State } from '../../src/payments/checkout/payment.table.js'
import { type BankState, bankStates, type OrderStatus } from '../../src/payments/checkout/provider.js'

const states = Object.values(State)
const now = new Date('2026-12-01T08:00:00Z')
const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000)
const payment = { id: 'an-order', amount: 500n, currency: 'AZN', expiresAt: inMinutes(20) }
const status = (state: BankState, changes: Partial<OrderStatus> = {}): OrderStatus => ({
  merchant: 'us',
  orderId: 'an-order',
  sessionId: 'a-session',
  state,
  amount: 500n,
  currency: 'AZN',
  capturedAt: null,
  declineReason: null,
  refunds: [],
  ...changes,
})
const verdict = (state: State, said: OrderStatus | null, at = now) => verdictOf({ ...payment, state }, 'us', said, at)

/** What each state of the bank makes of each of ours: the states passed through, or "lie". */
const table = `
              PENDING  CAPTURED      DECLINED  CANCELLED  EXPIRED  DISPUTED               REVERSED
CREATED       PENDING  SUCCEEDED     FAILED    CANCELLED  EXPIRED  SUCCEEDED>DISPUTED     SUCCEEDED>REVERSED
PENDING       -        SUCCEEDED     FAILED    CANCELLED  EXPIRED  SUCCEEDED>DISPUTED     SUCCEEDED>REVERSED
FAILED        -        LATE_SUCCESS  -         -          -        LATE_SUCCESS>DISPUTED  LATE_SUCCESS>REVERSED
CANCELLED     -        LATE_SUCCESS  -         -          -        LATE_SUCCESS>DISPUTED  LATE_SUCCESS>REVERSED
EXPIRED       -        LATE_SUCCESS  -         -          -        LATE_SUCCESS>DISPUTED  LATE_SUCCESS>REVERSED
SUCCEEDED     lie      -             lie       lie        lie      DISPUTED               REVERSED
LATE_SUCCESS  lie      -             lie       lie        lie      DISPUTED               REVERSED
DISPUTED      lie      SUCCEEDED     lie       lie        lie      -                      REVERSED
REVERSED      lie      lie           lie       lie        lie      lie                    -`
const [head = [], ...lines] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/))
const cells = lines.flatMap(([state, ...row]) =>
  row.map((cell, at) => [state as State, head[at] as BankState, cell] as const),
)
const pathIn = (cell: string) => (cell === '-' ? [] : (cell.split('>') as State[]))

describe('verdictOf', () => {
  it('knows each pair of states', () => {
    expect(cells).toHaveLength(states.length * bankStates.length)
  })

  it.each(cells)('takes a payment that is %s, if the bank says %s, through: %s', (state, said, cell) => {
    expect(verdict(state, status(said))).toEqual(cell === 'lie' ? { differs: ['state'] } : { path: pathIn(cell) })
  })

  it('follows the state machine', () => {
    const steps = cells
      .filter(([, , cell]) => cell !== 'lie')
      .flatMap(([state, , cell]) => pathIn(cell).map((to, at, path) => [path[at - 1] ?? state, to] as const))
    expect(steps.filter(([from, to]) => !mayBecome(from, to))).toEqual([])
    const reached = new Set(steps.map(([from, to]) => `${from} ${to}`))
    const declared = states.flatMap((from) => transitions[from].map((to) => `${from} ${to}`))
    expect(declared.filter((step) => !reached.has(step))).toEqual([])
  })

  it.each<[string, Partial<OrderStatus>, string[]]>([
    ['another merchant', { merchant: 'them' }, ['merchant']],
    ['another order', { orderId: 'another' }, ['order']],
    ['a higher amount', { amount: 501n }, ['amount']],
    ['a lower amount in another currency', { amount: 499n, currency: 'USD' }, ['amount', 'currency']],
  ])('believes no answer with %s', (_, changes, differs) => {
    for (const state of states) expect(verdict(state, status('CAPTURED', changes))).toEqual({ differs })
  })

  it('ends a payment of which the bank never heard once it has expired', () => {
    expect(verdict(State.CREATED, null)).toEqual({ path: [] })
    expect(verdict(State.CREATED, null, inMinutes(20))).toEqual({ path: [State.EXPIRED] })
    expect(verdict(State.CANCELLED, null)).toEqual({ path: [] })
    for (const state of [State.PENDING, State.FAILED, ...captured, State.REVERSED])
      expect(verdict(state, null)).toEqual({ differs: ['order'] })
  })
})

describe('effectsOf', () => {
  it.each<[State, State[], string]>([
    [State.CREATED, [State.PENDING], ''],
    [State.PENDING, [State.FAILED], ''],
    [State.PENDING, [State.SUCCEEDED], 'captures applies'],
    [State.EXPIRED, [State.LATE_SUCCESS], 'captures applies'],
    [State.PENDING, [State.SUCCEEDED, State.DISPUTED], 'captures applies'],
    [State.PENDING, [State.SUCCEEDED, State.REVERSED], 'captures reverses'],
    [State.SUCCEEDED, [State.DISPUTED], ''],
    [State.DISPUTED, [State.SUCCEEDED], ''],
    [State.DISPUTED, [State.REVERSED], 'reverses'],
    [State.SUCCEEDED, [State.REVERSED], 'reverses'],
  ])('from %s through %s: %s', (from, path, effects) => {
    const named = Object.entries(effectsOf(from, path)).filter(([, happens]) => happens)
    expect(named.map(([name]) => name).join(' ')).toBe(effects)
  })
})

describe('nextCheckAt', () => {
  const at = (state: State, since: { created?: number; ended?: number }) => {
    const [createdAt, endedAt] = [
      inMinutes(-(since.created ?? 0)),
      since.ended === undefined ? null : inMinutes(-since.ended),
    ]
    const next = nextCheckAt({ state, createdAt, expiresAt: inMinutes(30 - (since.created ?? 0)), endedAt }, now)
    return next && (next.getTime() - now.getTime()) / 60_000
  }

  it('asks about a payment that nobody has opened once it expires', () => {
    expect([0, 29, 90].map((created) => at(State.CREATED, { created }))).toEqual([30 + 1 / 60, 1 + 1 / 60, 45])
  })

  it('asks about a payment that the bank knows at growing pauses, once it expires, and then at most hourly', () => {
    const state = State.PENDING
    expect([0, 2, 10, 29, 90, 10_000].map((created) => at(state, { created }))).toEqual([
      0.25,
      1,
      5,
      1 + 1 / 60,
      45,
      60,
    ])
  })

  it('looks five times for a payment that arrives late', () => {
    const ends = [0, 11, 70, 400, 1_500, 5_000]
    expect(ends.map((ended) => at(State.CANCELLED, { ended }))).toEqual([10, 49, 290, 1_040, 2_820, null])
  })

  it('asks once a day how a dispute has ended', () => {
    expect(at(State.DISPUTED, { created: 5 })).toBe(24 * 60)
  })

  it('leaves it to the bank to tell what becomes of other money that it has', () => {
    for (const state of [State.SUCCEEDED, State.LATE_SUCCESS, State.REVERSED])
      expect(at(state, { created: 5, ended: 1 })).toBeNull()
  })
})

describe('momentOfCapture', () => {
  it('is never before the payment, nor in the future', () => {
    const moment = (minutes: number | null) =>
      momentOfCapture(minutes === null ? null : inMinutes(minutes), inMinutes(-10), now)
    expect([-20, -5, 5, null].map(moment)).toEqual([inMinutes(-10), inMinutes(-5), now, now])
  })
})
