import type { PaymentMethod } from './payment.table.js'

/** What the payer owes at the bank. Its id is the payment's. */
export interface Order {
  orderId: string
  /** In minor units. */
  amount: bigint
  currency: string
  method: PaymentMethod
  /** Where an instant payment is requested. */
  alias?: string
  description: string
  language: string
  returnUrl: string
  callbackUrl: string
  expiresAt: Date
}

export const bankStates = ['PENDING', 'CAPTURED', 'DECLINED', 'CANCELLED', 'EXPIRED', 'REVERSED', 'DISPUTED'] as const
export type BankState = (typeof bankStates)[number]

export interface Session {
  sessionId: string
  /** Undefined for an instant payment, which the payer approves in the bank's app. */
  checkoutUrl?: string | undefined
  state: BankState
}

export interface BankRefund {
  refundId: string
  amount: bigint
  state: 'PENDING' | 'DONE' | 'FAILED'
  at: Date
}

/** What the bank says about an order. Well-formed, but not compared with the payment yet. */
export interface OrderStatus {
  merchant: string
  orderId: string
  sessionId: string
  state: BankState
  amount: bigint
  currency: string
  capturedAt: Date | null
  declineReason: string | null
  refunds: readonly BankRefund[]
}

/** An entry of the bank's journal. */
export interface SettlementEntry {
  entryId: string
  kind: 'CAPTURE' | 'REFUND' | 'REVERSAL'
  orderId: string
  refundId?: string | undefined
  amount: bigint
  currency: string
  at: Date
}
/** The bank gave no usable answer. Nothing is known; the question may be repeated. */
export class BankUnavailable extends Error {}
/** The bank refuses what it was asked for. `reason` is a word of its protocol. */
export class BankRefusal extends Error {
  constructor(
    provider: string,
    readonly status: number,
    readonly reason: string,
  ) {
    super(`${provider} refused with status ${status}: ${reason}`)
  }
}

/** An HTTP request as it was received or will be sent. */
export interface Signable {
  method: string
  /** With its query. */
  path: string
  body: string | Buffer
}

/** A bank that collects payments. Each method may be repeated: the bank finds what it has under the same id. */
export interface Provider {
  readonly code: string
  /** Our name at the bank. */
  readonly merchant: string
  /** Creates the session of an order, or finds it. */
  open(order: Order): Promise<Session>
  /** Null if the bank does not know the order. */
  statusOf(orderId: string): Promise<OrderStatus | null>
  /** Asks for an end. Only `statusOf` tells whether it came in time. */
  endOrder(orderId: string): Promise<void>
  /** Asks for a refund under its id, or finds it. */
  refund(asked: { orderId: string; refundId: string; amount: bigint }): Promise<BankRefund>
  /**
   * Hands over the bank's journal of a legal date, some entries at a time. Returns its totals as the bank counts them:
   * captures without refunds and reversals, in minor units by currency.
   */
  settlementOf(
    date: string,
    take: (entries: readonly SettlementEntry[]) => Promise<void>,
  ): Promise<Readonly<Record<string, bigint>>>
  /** The nonce of a callback that this bank has signed just now. Undefined for any other. */
  nonceOf(headers: Readonly<Record<string, string | string[] | undefined>>, callback: Signable): string | undefined
}

/** The configured banks. */
export interface Providers {
  readonly all: readonly Provider[]
  find(code: string): Provider | undefined
  close(): Promise<void>
}
