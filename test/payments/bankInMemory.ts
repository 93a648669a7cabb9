import {
  type BankRefund,
  BankRefusal,
  type BankState,
  BankUnavailable,
  type Order,
  type OrderStatus,
  type Provider,
} from '../../src/payments/checkout/provider.js'
import type { BankEntry } from '../support/ledger.js'

type Known = Order & { state: BankState; capturedAt: Date | null; refunds: BankRefund[] }

/** A bank without a network. `cross` is called before and after each answer, and may lose it. */
export function bankInMemory(code: string, now: () => Date, cross: () => void) {
  const orders = new Map<string, Known>()
  const entries: BankEntry[] = []
  const getOrder = (orderId: string): Known => {
    const order = orders.get(orderId)
    if (!order) throw new BankRefusal(code, 404, 'unknown_order')
    return order
  }
  const enter = (kind: BankEntry['kind'], { orderId, currency }: Known, amount: bigint, refundId?: string) =>
    entries.push({ provider: code, kind, orderId, amount: String(amount), currency, refundId })
  const sumOf = (refunds: BankRefund[]) => refunds.reduce((sum, { amount }) => sum + amount, 0n)
  const stateOf = ({ state, expiresAt }: Known): BankState =>
    state === 'PENDING' && expiresAt <= now() ? 'EXPIRED' : state

  let isAway = false
  async function answer<T>(act: () => T): Promise<T> {
    if (isAway) throw new BankUnavailable(`${code} gave no answer`)
    cross()
    const answered = act()
    cross()
    return answered
  }
  const provider: Provider = {
    code,
    merchant: 'test',
    open: (order) =>
      answer(() => {
        const known = orders.get(order.orderId) ?? { ...order, state: 'PENDING', capturedAt: null, refunds: [] }
        if (known.amount !== order.amount) throw new BankRefusal(code, 409, 'different_order')
        orders.set(order.orderId, known)
        return { sessionId: order.orderId, checkoutUrl: 'http://localhost/', state: stateOf(known) }
      }),
    statusOf: (orderId) =>
      answer((): OrderStatus | null => {
        const order = orders.get(orderId)
        const unsaid = { merchant: 'test', sessionId: orderId, declineReason: null }
        return order ? { ...order, ...unsaid, state: stateOf(order), refunds: [...order.refunds] } : null
      }),
    endOrder: (orderId) =>
      answer(() => {
        const order = orders.get(orderId)
        if (order && stateOf(order) === 'PENDING') order.state = 'CANCELLED'
      }),
    refund: ({ orderId, refundId, amount }) =>
      answer(() => {
        const order = getOrder(orderId)
        const known = order.refunds.find((refund) => refund.refundId === refundId)
        if (known) return known
        if (order.state !== 'CAPTURED') throw new BankRefusal(code, 409, 'not_captured')
        if (sumOf(order.refunds) + amount > order.amount) throw new BankRefusal(code, 409, 'amount_too_high')
        const done: BankRefund = { refundId, amount, state: 'DONE', at: now() }
        order.refunds.push(done)
        enter('REFUND', order, amount, refundId)
        return done
      }),
    settlementOf: () => Promise.reject(new Error('the model does not reconcile')),
    nonceOf: () => undefined,
  }

  /** What the payer or their bank does. Nothing if it cannot in this state. */
  const play = {
    capture(orderId: string, from: BankState[] = ['PENDING']) {
      const order = orders.get(orderId)
      if (!order || !from.includes(stateOf(order))) return
      Object.assign(order, { state: 'CAPTURED', capturedAt: now() })
      enter('CAPTURE', order, order.amount)
    },
    /** Although it was declined, cancelled or has expired. */
    captureLate: (orderId: string) => play.capture(orderId, ['DECLINED', 'CANCELLED', 'EXPIRED']),
    decline: (orderId: string) => become(orderId, ['PENDING'], 'DECLINED'),
    dispute: (orderId: string) => become(orderId, ['CAPTURED'], 'DISPUTED'),
    win: (orderId: string) => become(orderId, ['DISPUTED'], 'CAPTURED'),
    /** Also how a dispute is lost. */
    reverse(orderId: string) {
      const order = orders.get(orderId)
      const left = order ? order.amount - sumOf(order.refunds) : 0n
      if (order && left > 0n && become(orderId, ['CAPTURED', 'DISPUTED'], 'REVERSED')) enter('REVERSAL', order, left)
    },
  }
  function become(orderId: string, from: BankState[], state: BankState): boolean {
    const order = orders.get(orderId)
    if (!order || !from.includes(stateOf(order))) return false
    order.state = state
    return true
  }
  return {
    provider,
    orders,
    entries,
    play,
    isAway: () => isAway,
    setAway(now: boolean) {
      isAway = now
    },
    stateOf: (orderId: string) => stateOf(getOrder(orderId)),
    /** What it has collected and not given back. */
    heldFor: (orderId: string) =>
      entries
        .filter((entry) => entry.orderId === orderId)
        .reduce((sum, { kind, amount }) => sum + (kind === 'CAPTURE' ? BigInt(amount) : -BigInt(amount)), 0n),
  }
}
