import { eq } from 'drizzle-orm'
import { failpoint } from '../../engine/failpoint.js'
import { setDeadline } from '../../events/deadlines.js'
import type { Job } from '../../events/job.js'
import type { Transaction } from '../../platform/seeding.js'
import { lockPayment } from '../checkout/payment.repository.js'
import { payments } from '../checkout/payment.table.js'
import { type BankRefund, BankRefusal, BankUnavailable, type Provider, type Providers } from '../checkout/provider.js'
import { clearing, post, suspense } from '../ledger/post.js'
import { LedgerTransferKind } from '../ledger/transfer.table.js'
import { ReconciliationKind } from '../reconciliation/reconciliation.table.js'
import { recordDifference } from '../reconciliation/recordDifference.js'
import { endDeadlines, moveRefund, type Refund, refundCheck } from './refund.repository.js'
import { isSentToBank, nextRefundCheckAt } from './refund.rules.js'
import { RefundState, refunds } from './refund.table.js'
import { subjectOfRefund } from './refundUnapplied.js'

const actor = 'refund'
/** The bank did not look at the refund: our signature or our pace is at fault. */
const aboutUs: readonly number[] = [400, 401, 403, 429]

/**
 * Asks the bank for an approved refund, under the refund's id: however often it is asked, it pays once. Waits while the bank
 * is down or works on it.
 */
export const sendRefund = (providers: Providers): Job => ({
  name: 'sendRefund',
  on: ['refund.approved', refundCheck],
  async run({ subject }, { database: { db }, now, log }) {
    const [found] = await db
      .select({ refund: refunds, code: payments.provider })
      .from(refunds)
      .innerJoin(payments, eq(payments.id, refunds.paymentId))
      .where(eq(refunds.id, subject))
    if (!found || !isSentToBank(found.refund.state)) return
    const provider = providers.find(found.code)
    if (!provider) throw new Error(`a refund is of the provider ${found.code}, which is not configured`)
    const answer = await askFor(provider, found.refund)
    await failpoint('refund.asked')
    if (answer.state === 'UNKNOWN')
      log.error({ refund: subject, error: answer.fault }, 'a bank did not answer; waiting')
    await db.transaction(async (tx) => {
      await lockPayment(tx, found.refund.paymentId)
      const [refund] = await tx.select().from(refunds).where(eq(refunds.id, subject)).for('update')
      if (refund && isSentToBank(refund.state)) await follow(tx, refund, provider.code, answer, now())
    })
    await failpoint('refund.settled')
  },
})

type Answer = Omit<BankRefund, 'state'> & ({ state: BankRefund['state'] } | { state: 'UNKNOWN'; fault: string })
async function askFor(provider: Provider, { id: refundId, paymentId: orderId, amount }: Refund): Promise<Answer> {
  const asked = { refundId, amount, at: new Date(0) }
  try {
    return await provider.refund({ orderId, refundId, amount })
  } catch (error) {
    if (error instanceof BankRefusal && !aboutUs.includes(error.status)) return { ...asked, state: 'FAILED' }
    if (error instanceof BankRefusal || error instanceof BankUnavailable)
      return { ...asked, state: 'UNKNOWN', fault: error.message }
    throw error
  }
}

/** Does what follows from an answer, to a locked refund. */
async function follow(tx: Transaction, refund: Refund, provider: string, answer: Answer, now: Date): Promise<void> {
  const { id, paymentId, chargeId, amount, currency, state } = refund
  const decidedAt = refund.decidedAt ?? now
  const moved = { at: now, actor }
  const about = { provider, subject: id, paymentId, chargeId, refundId: id, amount, currency }
  const isOther = answer.refundId !== id || answer.amount !== amount
  if (isOther) {
    const other = { ...about, kind: ReconciliationKind.AMOUNT, bankAmount: answer.amount, bankCurrency: currency }
    await recordDifference(tx, { found: [other], at: now, actor })
  }
  if (isOther || answer.state === 'UNKNOWN' || answer.state === 'PENDING') {
    const dueAt = nextRefundCheckAt(decidedAt, now)
    await setDeadline(tx, { ...subjectOfRefund(refund), type: refundCheck, dueAt })
    if (answer.state === 'PENDING' && state === RefundState.APPROVED)
      await moveRefund(tx, refund, RefundState.SENT, { ...moved, sentAt: now })
    return
  }
  await endDeadlines(tx, id)
  if (answer.state === 'FAILED') {
    const found = [{ ...about, kind: ReconciliationKind.REFUND_REFUSED }]
    await recordDifference(tx, { found, at: now, actor })
    await moveRefund(tx, refund, RefundState.FAILED, { ...moved, endedAt: now })
    return
  }
  // The bank's moment, unless that is impossible.
  const at = new Date(Math.min(Math.max(answer.at.getTime(), decidedAt.getTime()), now.getTime()))
  const { REFUND: kind } = LedgerTransferKind
  const back = { kind, debit: suspense, credit: clearing(provider), amount, currency, paymentId, refundId: id, at }
  await post(tx, [back])
  await moveRefund(tx, refund, RefundState.COMPLETED, { ...moved, sentAt: refund.sentAt ?? now, endedAt: at })
}
