import { and, desc, eq } from 'drizzle-orm'
import type { Job, Work } from '../../events/job.js'
import { reportFinePaid } from '../../exchange/registries/trafficProtocol.js'
import { moneyOf } from '../../shared/money.js'
import { ChargeState, ChargeSubject, charges } from '../charges/charge.table.js'
import { payments } from '../checkout/payment.table.js'
import { LedgerTransferKind, transfers } from '../ledger/transfer.table.js'
import { ReconciliationKind } from '../reconciliation/reconciliation.table.js'
import { recordDifference } from '../reconciliation/recordDifference.js'
import { protocolOf } from './fine.rules.js'

const name = 'reportPaidFine'
/** Milliseconds in which the registry must answer. A job that fails is repeated later. */
const timeout = 30_000

/** Tells the registry that a fine was paid here. The charge is the key, so a repeat does nothing new there. */
export const reportPaidFine: Job = {
  name,
  on: ['charge.paid'],
  async run({ subject }, work) {
    const paid = await findPaidFine(subject, work)
    if (!paid) return
    const { charge, payment } = paid
    const { amount } = moneyOf(charge.amount, charge.currency)
    const reply = await reportFinePaid(
      work.exchange,
      {
        protocol: protocolOf(charge.reference),
        key: charge.id,
        amount,
        currency: charge.currency,
        paidAt: charge.paidAt,
      },
      { userId: name, deadline: Date.now() + timeout },
    )
    if ('failed' in reply) throw new Error(`the registry of fines did not take a payment: ${reply.failed}`)
    if (reply.answer?.recorded) return
    // The money is here, and the registry has settled the fine in another way, or does not know it.
    const difference = {
      kind: ReconciliationKind.NOT_NOTIFIED,
      provider: payment.provider,
      subject: charge.id,
      paymentId: payment.id,
      chargeId: charge.id,
      amount: charge.amount,
      currency: charge.currency,
    }
    await work.database.db.transaction((tx) =>
      recordDifference(tx, { found: [difference], at: work.now(), actor: name }),
    )
  },
}

/** A fine that is paid, and by which payment. Undefined if it is none, or if the bank has taken the money back. */
async function findPaidFine(chargeId: string, { database: { db } }: Work) {
  const [found] = await db
    .select({ charge: charges, payment: { id: payments.id, provider: payments.provider } })
    .from(charges)
    .innerJoin(transfers, and(eq(transfers.chargeId, charges.id), eq(transfers.kind, LedgerTransferKind.APPLY)))
    .innerJoin(payments, eq(payments.id, transfers.paymentId))
    .where(
      and(eq(charges.id, chargeId), eq(charges.subjectType, ChargeSubject.FINE), eq(charges.state, ChargeState.PAID)),
    )
    .orderBy(desc(transfers.id))
    .limit(1)
  if (!found?.charge.reference || !found.charge.paidAt) return undefined
  const { reference, paidAt } = found.charge
  return { ...found, charge: { ...found.charge, reference, paidAt } }
}
