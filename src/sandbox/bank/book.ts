import { legalDate } from '../../shared/time.js'
import type { Language } from '../../shared/words.js'

/** What the merchant asks for. Amounts are minor units. */
export interface OrderGiven {
  orderId: string
  amount: string
  currency: 'AZN' | 'USD'
  method: 'CARD' | 'INSTANT'
  alias?: string | undefined
  description: string
  language: Language
  returnUrl: string
  callbackUrl: string
  expiresAt: string
}

export type OrderState = 'PENDING' | 'CAPTURED' | 'DECLINED' | 'CANCELLED' | 'EXPIRED' | 'REVERSED' | 'DISPUTED'
export const declineReasons = [
  'insufficient_funds',
  'card_blocked',
  'authentication_failed',
  'declined_by_payer',
] as const
export type DeclineReason = (typeof declineReasons)[number]

interface Refund {
  refundId: string
  amount: string
  state: 'PENDING' | 'DONE' | 'FAILED'
  at: string
}

export interface Order extends OrderGiven {
  /** 128 bits: who knows it may pay. */
  sessionId: string
  state: OrderState
  capturedAt: string | null
  declineReason: DeclineReason | null
  disputedAt: string | null
  reversedAt: string | null
  refunds: Refund[]
}

export type Happening =
  | { kind: 'ORDER'; orderId: string; sessionId: string; given: OrderGiven }
  | { kind: 'CAPTURE' | 'REVERSAL'; orderId: string; amount: string; currency: string }
  | { kind: 'DECLINE'; orderId: string; reason: DeclineReason }
  | { kind: 'CANCEL' | 'DISPUTE' | 'DISPUTE_WON'; orderId: string }
  | { kind: 'REFUND_ASKED' | 'REFUND_FAILED'; orderId: string; refundId: string; amount: string }
  | { kind: 'REFUND'; orderId: string; refundId: string; amount: string; currency: string }
  /** The merchant has received the callback about another entry. */
  | { kind: 'CALLED_BACK'; orderId: string; about: string }

/** A line of the journal. */
export type Entry = Happening & { entryId: string; at: string }
type MoneyEntry = Extract<Entry, { kind: 'CAPTURE' | 'REFUND' | 'REVERSAL' }>

const isMoney = (entry: Entry): entry is MoneyEntry => ['CAPTURE', 'REFUND', 'REVERSAL'].includes(entry.kind)

/** All that the bank knows. Its only source is the journal, line by line. */
export function newBook() {
  const orders = new Map<string, Order>()
  const bySession = new Map<string, Order>()
  const money = new Map<string, MoneyEntry[]>()
  let entries = 0
  return {
    orders,
    bySession,
    nextEntryId: () => String(entries + 1),
    enter(entry: Entry): void {
      entries++
      if (entry.kind === 'ORDER') {
        const order = newOrder(entry)
        orders.set(order.orderId, order)
        bySession.set(order.sessionId, order)
        return
      }
      const order = orders.get(entry.orderId)
      if (!order) throw new Error(`entry ${entry.entryId} of the bank's journal is about an order that is not there`)
      change(order, entry)
      if (!isMoney(entry)) return
      const day = legalDate(new Date(entry.at))
      const entriesOfDay = money.get(day)
      if (entriesOfDay) entriesOfDay.push(entry)
      else money.set(day, [entry])
    },
    /** The entries of a legal date as JSON lines, and a last line with their number and the sum for each currency. */
    settlementOf(day: string): string {
      const lines = money.get(day) ?? []
      const totals: Record<string, string> = {}
      for (const { kind, amount, currency } of lines) {
        const signed = kind === 'CAPTURE' ? BigInt(amount) : -BigInt(amount)
        totals[currency] = String(BigInt(totals[currency] ?? 0) + signed)
      }
      return [...lines, { entries: lines.length, totals }].map((line) => `${JSON.stringify(line)}\n`).join('')
    },
  }
}

const newOrder = ({ given, sessionId }: Extract<Entry, { kind: 'ORDER' }>): Order => ({
  ...given,
  sessionId,
  state: 'PENDING',
  capturedAt: null,
  declineReason: null,
  disputedAt: null,
  reversedAt: null,
  refunds: [],
})

function change(order: Order, entry: Exclude<Entry, { kind: 'ORDER' }>): void {
  const { at } = entry
  switch (entry.kind) {
    case 'CAPTURE':
      Object.assign(order, { state: 'CAPTURED', capturedAt: at, declineReason: null })
      break
    case 'DECLINE':
      Object.assign(order, { state: 'DECLINED', declineReason: entry.reason })
      break
    case 'CANCEL':
      order.state = 'CANCELLED'
      break
    case 'DISPUTE':
      Object.assign(order, { state: 'DISPUTED', disputedAt: at })
      break
    case 'DISPUTE_WON':
      Object.assign(order, { state: 'CAPTURED', disputedAt: null })
      break
    case 'REVERSAL':
      Object.assign(order, { state: 'REVERSED', reversedAt: at })
      for (const refund of order.refunds) if (refund.state === 'PENDING') refund.state = 'FAILED'
      break
    case 'REFUND_ASKED':
      order.refunds.push({ refundId: entry.refundId, amount: entry.amount, state: 'PENDING', at })
      break
    case 'REFUND':
    case 'REFUND_FAILED': {
      const refund = order.refunds.find(({ refundId }) => refundId === entry.refundId)
      if (refund) Object.assign(refund, { state: entry.kind === 'REFUND' ? 'DONE' : 'FAILED', at })
    }
  }
}

export const stateOf = ({ state, expiresAt }: Order, now: Date): OrderState =>
  state === 'PENDING' && now.getTime() >= Date.parse(expiresAt) ? 'EXPIRED' : state

/** What is left of the captured amount. Refunds under way count as done. */
export const refundable = ({ amount, refunds }: Order): bigint =>
  refunds.reduce((left, refund) => (refund.state === 'FAILED' ? left : left - BigInt(refund.amount)), BigInt(amount))
/** What a reversal takes back. */
export const reversible = ({ amount, refunds }: Order): bigint =>
  refunds.reduce((left, refund) => (refund.state === 'DONE' ? left - BigInt(refund.amount) : left), BigInt(amount))
