import { failpoint } from '../../engine/failpoint.js'
import type { Job, Work } from '../../events/job.js'
import { withRetries } from '../../platform/retries.js'
import type { Transaction } from '../../platform/seeding.js'
import { ReconciliationKind } from '../reconciliation/reconciliation.table.js'
import { recordDifference } from '../reconciliation/recordDifference.js'
import { checkDue, findPayment, lockPayment, type PaymentRow, recordOfPayment, setCheck } from './payment.repository.js'
import { type Difference, verdictOf } from './payment.rules.js'
import { PaymentState } from './payment.table.js'
import { BankRefusal, BankUnavailable, type OrderStatus, type Provider, type Providers } from './provider.js'
import { settlePayment } from './settlePayment.js'

const actor = 'checkPayment'

/** How often the bank is asked again at once because the payment changed while it answered. */
const mostTries = 3

/** Asks the bank about a payment, and takes the payment where the answer leads. Only its answer counts, never a callback. */
export const checkPayment = (providers: Providers): Job => ({
  name: 'checkPayment',
  on: ['payment.called_back', checkDue, 'payment.cancel_requested', 'payment.cancelled'],
  async run({ subject, type }, work) {
    for (let tries = 0; tries < mostTries; tries++) {
      const payment = await findPayment(work.database.db, subject)
      if (!payment) return
      const provider = providers.find(payment.provider)
      const status = await askBank(provider, payment, type).catch(asUnanswered(type))
      await failpoint('payment.asked')
      if (
        await withRetries(() =>
          work.database.db.transaction((tx) =>
            settle(tx, payment, { merchant: provider?.merchant ?? '', status, work }),
          ),
        )
      ) {
        await failpoint('payment.settled')
        return
      }
    }
    throw new Error(`the payment ${subject} changed each time while the bank answered`)
  },
})

/** Without an answer the payment waits. Only a cancellation is repeated by the queue, because no deadline asks for it again. */
const asUnanswered = (reason: string) => (error: unknown) => {
  const isOfBank = error instanceof BankUnavailable || error instanceof BankRefusal
  if (isOfBank && reason !== 'payment.cancel_requested') return error
  throw error
}

/** The bank's word on an order, after it was asked to end one that the payer cancelled. */
async function askBank(
  provider: Provider | undefined,
  { id, state, ...payment }: PaymentRow,
  reason: string,
): Promise<OrderStatus | null> {
  if (!provider) throw new BankUnavailable(`${payment.provider} is not configured`)
  await failpoint('payment.asking')
  if (reason === 'payment.cancel_requested' || state === PaymentState.CANCELLED) {
    await provider.endOrder(id)
    await failpoint('payment.ended_at_bank')
  }
  return await provider.statusOf(id)
}

interface Answered {
  /** Our name at the bank. */
  merchant: string
  status: OrderStatus | Error | null
  work: Work
}
/** False if the payment changed since the bank was asked, so that the answer may be older than the payment. */
async function settle(tx: Transaction, asked: PaymentRow, { merchant, status, work }: Answered): Promise<boolean> {
  const at = work.now()
  const payment = await lockPayment(tx, asked.id)
  if (payment?.revision !== asked.revision) return false
  const isAnswered = !(status instanceof Error)
  const verdict = isAnswered ? verdictOf(payment, merchant, status, at) : { path: [] }
  if (!isAnswered) work.log.error({ payment: payment.id, error: status.message }, 'a bank was asked and gave no answer')
  const settling = { tx, work, actor, at }
  const settled =
    'path' in verdict && isAnswered ? await settlePayment(settling, payment, verdict.path, status) : payment
  await failpoint('payment.captured')
  await setCheck(tx, settled, at, isAnswered)
  if ('differs' in verdict)
    await recordLie(tx, { payment, differs: verdict.differs, said: isAnswered ? status : null, at })
  return true
}

interface Lie {
  payment: PaymentRow
  differs: readonly Difference[]
  said: OrderStatus | null
  at: Date
}
/** Applies nothing: somebody must find out what is true. */
async function recordLie(tx: Transaction, { payment, differs, said, at }: Lie): Promise<void> {
  const { id, provider, amount, currency } = payment
  // As the settlement file would be compared, so that one wrong amount is one difference.
  const [kind, subject] = differs.includes('currency')
    ? [ReconciliationKind.CURRENCY, `CAPTURE ${id}`]
    : differs.includes('amount')
      ? [ReconciliationKind.AMOUNT, `CAPTURE ${id}`]
      : [ReconciliationKind.STATUS, id]
  const bank = { bankAmount: said?.amount ?? null, bankCurrency: said?.currency ?? null }
  const difference = { kind, provider, subject, paymentId: id, amount, currency, ...bank }
  const found = await recordDifference(tx, { found: [difference], at, actor })
  if (found.length === 0) return
  await recordOfPayment(tx, payment, { type: 'payment.mismatch', at, actor, ids: { differs: differs.join(' ') } })
}
