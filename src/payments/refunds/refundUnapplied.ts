import { v7 } from 'uuid'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import { nextNumbers } from '../../shared/number.js'
import type { charges } from '../charges/charge.table.js'
import type { payments } from '../checkout/payment.table.js'
import { RefundKind, RefundState, refunds } from './refund.table.js'

type Unapplied = Pick<typeof charges.$inferSelect, 'id' | 'agencyId' | 'serviceCode' | 'amount'>

/**
 * Sends back what a captured payment could not be applied to: it is still in suspense, so nobody must approve. Call it in
 * the transaction of the capture, with the payment locked and the amounts of its items.
 */
export async function refundUnapplied(
  tx: Transaction,
  payment: Pick<typeof payments.$inferSelect, 'id' | 'partyId' | 'currency'>,
  unapplied: readonly Unapplied[],
  at: Date,
): Promise<void> {
  if (unapplied.length === 0) return
  const numbers = await nextNumbers(tx, 'refund_numbers', { kind: 'F', at, count: unapplied.length })
  const rows = unapplied.map(({ id: chargeId, agencyId, serviceCode, amount }, place) => ({
    id: v7(),
    number: numbers[place] as string, // as many as were asked for
    kind: RefundKind.AUTOMATIC,
    paymentId: payment.id,
    chargeId,
    agencyId,
    partyId: payment.partyId,
    serviceCode,
    amount,
    currency: payment.currency,
    state: RefundState.APPROVED,
    requestedAt: at,
    decidedAt: at,
    changedAt: at,
  }))
  await tx.insert(refunds).values(rows)
  await record(
    tx,
    rows.map((row) => ({ ...subjectOfRefund(row), type: 'refund.approved', at, actor: 'payment' })),
  )
}

/** A refund as the subject of events and deadlines. */
export const subjectOfRefund = ({
  id: subject,
  partyId,
  agencyId,
  paymentId,
  chargeId,
  serviceCode,
}: Pick<typeof refunds.$inferSelect, 'id' | 'partyId' | 'agencyId' | 'paymentId' | 'chargeId' | 'serviceCode'>) => ({
  domain: 'payments',
  subject,
  partyId,
  agencyId,
  ...(serviceCode && { serviceCode }),
  ids: { payment: paymentId, charge: chargeId },
})
