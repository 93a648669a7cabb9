import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../src/agencies/agency.table.js'
import type { EventRow, Job, Work } from '../../src/events/job.js'
import { applyToCharges, type NewCharge, raiseCharge } from '../../src/payments/charges/charge.repository.js'
import { ChargeSubject } from '../../src/payments/charges/charge.table.js'
import { PaymentMethod, PaymentState, payments } from '../../src/payments/checkout/payment.table.js'
import { paymentItems } from '../../src/payments/checkout/paymentItem.table.js'
import {
  type BankRefund,
  BankRefusal,
  BankUnavailable,
  type Provider,
  type Providers,
  type SettlementEntry,
} from '../../src/payments/checkout/provider.js'
import { applied, clearing, post, suspense } from '../../src/payments/ledger/post.js'
import { LedgerTransferKind } from '../../src/payments/ledger/transfer.table.js'
import { refundUnapplied } from '../../src/payments/refunds/refundUnapplied.js'
import { legalDate } from '../../src/shared/time.js'
import { partyOfFin } from './appointed.js'
import type { TestDatabase } from './database.js'
import { keyringOfFile as keyring } from './server.js'

export interface Paid {
  paymentId: string
  chargeId: string
  amount: bigint
}
type Paying = Partial<Pick<NewCharge, 'serviceCode' | 'subjectType'>> & {
  agency?: string
  fin?: string
  amount?: bigint
  currency?: string
  at?: Date
  state?: PaymentState
  /** False: the charge had ended, so the money goes back. */
  isApplied?: boolean
}

/** Inserts payments that the bank captured, as the checkout leaves them. */
export const payingIn =
  ({ db }: TestDatabase) =>
  async ({
    agency = 'DVX',
    fin = 'TEST001',
    amount = 3000n,
    currency = 'AZN',
    at = new Date('2026-11-25T08:00:00Z'),
    state = PaymentState.SUCCEEDED,
    isApplied = true,
    ...more
  }: Paying = {}): Promise<Paid> => {
    const [found] = await db.select().from(agencies).where(eq(agencies.code, agency))
    if (!found) throw new Error(`there is no agency ${agency}`)
    const partyId = await partyOfFin({ db } as TestDatabase, fin)
    const { id: agencyId } = found
    const paymentId = v7()
    const moved = { currency, amount, paymentId, at }
    return await db.transaction(async (tx) => {
      const recorded = { at, actor: 'a test' }
      const charge = {
        agencyId,
        partyId,
        subjectType: ChargeSubject.OTHER,
        reference: v7(),
        currency,
        lines: [{ name: { az: 'Rüsum' }, amount, currency }],
        ...more,
      }
      const raised = await raiseCharge(tx, keyring, charge, recorded)
      if (!raised) throw new Error('the charge must be raised; it was not')
      const { id: chargeId } = raised
      await tx.insert(payments).values({
        id: paymentId,
        number: `P26-${paymentId}`,
        partyId,
        anonymous: false,
        provider: 'BANK',
        method: PaymentMethod.CARD,
        amount,
        currency,
        state,
        language: 'az',
        createdAt: at,
        expiresAt: at,
        capturedAt: at,
        endedAt: state === PaymentState.LATE_SUCCESS ? at : null,
        changedAt: at,
      })
      await tx.insert(paymentItems).values({ paymentId, chargeId, position: 0, amount, currency })
      await post(tx, [{ ...moved, kind: LedgerTransferKind.CAPTURE, debit: clearing('BANK'), credit: suspense }])
      if (isApplied) {
        await applyToCharges(tx, [{ id: chargeId, amount }], at, recorded)
        const apply = { kind: LedgerTransferKind.APPLY, debit: suspense, credit: applied(agencyId), chargeId }
        await post(tx, [{ ...moved, ...apply }])
      } else await refundUnapplied(tx, { id: paymentId, partyId, currency }, [raised], at)
      return { paymentId, chargeId, amount }
    })
  }

/** A bank in memory. */
export function bankInMemory(now: () => Date) {
  const refunds = new Map<string, BankRefund>()
  const bank = {
    /** What it does when it is asked for a refund. */
    does: 'DONE' as BankRefund['state'] | 'DOWN' | 'REFUSES' | 'LOSES_ITS_ANSWER',
    journal: [] as SettlementEntry[],
    /** Instead of the sums of the journal. */
    totals: undefined as Record<string, bigint> | undefined,
    asked: 0,
  }
  const provider: Provider = {
    code: 'BANK',
    merchant: 'pencere',
    open: () => Promise.reject(new Error('not used')),
    statusOf: () => Promise.reject(new Error('not used')),
    endOrder: () => Promise.reject(new Error('not used')),
    nonceOf: () => undefined,
    async refund({ orderId, refundId, amount }) {
      bank.asked++
      if (bank.does === 'DOWN') throw new BankUnavailable('BANK gave no answer')
      if (bank.does === 'REFUSES') throw new BankRefusal('BANK', 409, 'not_refundable')
      const state = bank.does === 'LOSES_ITS_ANSWER' ? 'DONE' : bank.does
      if (state === 'DONE' && refunds.get(refundId)?.state !== 'DONE')
        bank.journal.push({ entryId: v7(), kind: 'REFUND', orderId, refundId, amount, currency: 'AZN', at: now() })
      refunds.set(refundId, { refundId, amount, state, at: now() })
      if (bank.does === 'LOSES_ITS_ANSWER') throw new BankUnavailable('BANK gave no answer')
      return { refundId, amount, state, at: now() }
    },
    async settlementOf(date, take) {
      const entries = bank.journal.filter(({ at }) => legalDate(at) === date)
      await take(entries)
      const sums: Record<string, bigint> = {}
      for (const { kind, amount, currency } of entries)
        sums[currency] = (sums[currency] ?? 0n) + (kind === 'CAPTURE' ? amount : -amount)
      return bank.totals ?? sums
    },
  }
  const providers: Providers = {
    all: [provider],
    find: (code) => (code === 'BANK' ? provider : undefined),
    async close() {},
  }
  const captured = ({ paymentId: orderId, amount }: Paid, at: Date, more: Partial<SettlementEntry> = {}) =>
    bank.journal.push({ entryId: v7(), kind: 'CAPTURE', orderId, amount, currency: 'AZN', at, ...more })
  return { bank, provider, providers, captured }
}

/** Runs a job for an event about a subject. */
export const running =
  (database: TestDatabase, now: () => Date) =>
  (job: Job, subject: string): Promise<void> => {
    const log = { info() {}, error() {} }
    // The casts: the jobs of payments read the subject of an event alone, and no registry.
    return job.run({ subject, ids: {} } as EventRow, { database, keyring, now, log } as unknown as Work)
  }
