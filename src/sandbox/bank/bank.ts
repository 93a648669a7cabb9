import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { prepareFolder } from '../../platform/privileges.js'
import type { BankTrouble } from './bankTrouble.js'
import {
  type DeclineReason,
  type Entry,
  type Happening,
  newBook,
  type Order,
  type OrderGiven,
  refundable,
  reversible,
  stateOf,
} from './book.js'
import { callbacksOf } from './callbacks.js'
import { openJournal } from './journal.js'

export interface BankParts {
  dataDir: string
  merchant: string
  secret: string
  now: () => Date
  /** Called for each request and each callback. */
  troubleOf(): BankTrouble
  log: Pick<FastifyBaseLogger, 'warn' | 'error' | 'info'>
  /** Milliseconds before a callback is repeated. */
  pause?: number
}

/** Why the bank does not do what it was asked for. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** What the merchant hears of, by entry. */
const events: Partial<Record<Happening['kind'], string>> = {
  CAPTURE: 'captured',
  DECLINE: 'declined',
  CANCEL: 'cancelled',
  REFUND: 'refunded',
  REFUND_FAILED: 'refund_failed',
  REVERSAL: 'reversed',
  DISPUTE: 'disputed',
  DISPUTE_WON: 'dispute_won',
}

/** What may be played by hand, and in which states of an order. */
const played = {
  capture: ['PENDING', 'DECLINED', 'CANCELLED', 'EXPIRED'],
  reverse: ['CAPTURED', 'DISPUTED'],
  dispute: ['CAPTURED'],
  won: ['DISPUTED'],
  lost: ['DISPUTED'],
}
export type Played = keyof typeof played
export const isPlayed = (text: string): text is Played => Object.hasOwn(played, text)

export type Bank = Awaited<ReturnType<typeof openBank>>

/** Its answers may be sent once `flushed` resolves. */
export async function openBank(parts: BankParts) {
  const { dataDir, now, troubleOf } = parts
  const book = newBook()
  const unheard = new Map<string, Entry>()
  const enter = (entry: Entry) => {
    book.enter(entry)
    if (entry.kind === 'CALLED_BACK') unheard.delete(entry.about)
    else if (events[entry.kind]) unheard.set(entry.entryId, entry)
  }
  prepareFolder(dataDir)
  const journal = await openJournal(join(dataDir, 'bank.journal'), enter)
  const callbacks = callbacksOf(parts)

  function write(happening: Happening): Entry {
    const entry: Entry = { entryId: book.nextEntryId(), at: now().toISOString(), ...happening }
    enter(entry)
    journal.append(entry)
    return entry
  }
  function callBack({ entryId, orderId, kind }: Entry): void {
    const event = events[kind]
    if (!event) return
    callbacks.call({ orderId, event, url: getOrder(orderId).callbackUrl }, () =>
      write({ kind: 'CALLED_BACK', orderId, about: entryId }),
    )
  }
  function happen(happening: Happening): void {
    const entry = write(happening)
    // An error also reaches whoever waits to answer.
    journal.flushed().then(
      () => callBack(entry),
      () => {},
    )
  }
  function getOrder(orderId: string): Order {
    const order = book.orders.get(orderId)
    if (!order) throw new Refusal(404, 'unknown_order', 'no order has this id')
    return order
  }
  const isPending = (order: Order) => stateOf(order, now()) === 'PENDING'

  const captured = ({ orderId, amount, currency }: Order) => happen({ kind: 'CAPTURE', orderId, amount, currency })
  const reversed = (order: Order) => {
    const { orderId, currency } = order
    happen({ kind: 'REVERSAL', orderId, amount: String(reversible(order)), currency })
  }
  /** Refunds that were pending while the bank was in trouble go on. */
  function settleRefunds({ orderId, currency, refunds }: Order): void {
    const trouble = troubleOf()
    if (trouble === 'refunds-pending') return
    for (const { refundId, amount } of refunds.filter(({ state }) => state === 'PENDING'))
      if (trouble === 'refunds-failing') happen({ kind: 'REFUND_FAILED', orderId, refundId, amount })
      else happen({ kind: 'REFUND', orderId, refundId, amount, currency })
  }
  for (const entry of unheard.values()) callBack(entry)

  return {
    flushed: journal.flushed,
    settlementOf: book.settlementOf,
    stateOf: (order: Order) => stateOf(order, now()),
    orderOfSession: (sessionId: string) => book.bySession.get(sessionId),
    requests: () => [...book.orders.values()].filter((order) => order.method === 'INSTANT' && isPending(order)),
    getOrder(orderId: string): Order {
      settleRefunds(getOrder(orderId))
      return getOrder(orderId)
    },
    /** The same id finds the same order, if it is for the same. */
    place(given: OrderGiven): { order: Order; isNew: boolean } {
      const known = book.orders.get(given.orderId)
      if (known) {
        if (known.amount !== given.amount || known.currency !== given.currency || known.method !== given.method)
          throw new Refusal(409, 'different_order', 'an order of this id has another amount, currency or method')
        return { order: known, isNew: false }
      }
      if (Date.parse(given.expiresAt) <= now().getTime())
        throw new Refusal(400, 'bad_request', 'expiresAt must be in the future')
      const { orderId, callbackUrl: url } = given
      happen({ kind: 'ORDER', orderId, sessionId: randomBytes(16).toString('base64url'), given })
      if (troubleOf() === 'lying') callbacks.call({ orderId, event: 'captured', url })
      return { order: getOrder(orderId), isNew: true }
    },
    pay(order: Order): void {
      if (isPending(order)) captured(order)
    },
    decline(order: Order, reason: DeclineReason): void {
      if (isPending(order)) happen({ kind: 'DECLINE', orderId: order.orderId, reason })
    },
    abandon(order: Order): void {
      if (isPending(order)) happen({ kind: 'CANCEL', orderId: order.orderId })
    },
    /** The same id finds the same refund. */
    refund(order: Order, refundId: string, amount: string) {
      const { orderId } = order
      const known = order.refunds.find((refund) => refund.refundId === refundId)
      if (known && known.amount !== amount)
        throw new Refusal(409, 'different_refund', 'a refund of this id has another amount')
      if (!known) {
        if (order.state !== 'CAPTURED')
          throw new Refusal(
            409,
            'not_captured',
            `only a captured order is refunded; this one is ${stateOf(order, now())}`,
          )
        const left = refundable(order)
        if (BigInt(amount) > left) throw new Refusal(409, 'amount_too_high', `${left} is left to refund; got ${amount}`)
        happen({ kind: 'REFUND_ASKED', orderId, refundId, amount })
      }
      settleRefunds(order)
      return order.refunds.find((refund) => refund.refundId === refundId)
    },
    /** Says yes, and then no. */
    flip(order: Order): void {
      if (order.state === 'CAPTURED' && reversible(order) > 0n) reversed(order)
    },
    play(order: Order, what: Played): void {
      const state = stateOf(order, now())
      if (!played[what].includes(state))
        throw new Refusal(
          409,
          'wrong_state',
          `${what} requires an order that is ${played[what].join(' or ')}; it is ${state}`,
        )
      if ((what === 'reverse' || what === 'lost') && reversible(order) === 0n)
        throw new Refusal(409, 'nothing_left', 'all of it was refunded')
      if (what === 'capture') captured(order)
      else if (what === 'dispute') happen({ kind: 'DISPUTE', orderId: order.orderId })
      else if (what === 'won') happen({ kind: 'DISPUTE_WON', orderId: order.orderId })
      else reversed(order)
    },
    async close(): Promise<void> {
      callbacks.stop()
      await journal.close()
    },
  }
}
