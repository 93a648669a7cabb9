import { v7 } from 'uuid'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import { legalDate } from '../../shared/time.js'
import { ReconciliationState, reconciliations } from './reconciliation.table.js'

export type Difference = Pick<
  typeof reconciliations.$inferInsert,
  | 'kind'
  | 'provider'
  | 'subject'
  | 'agencyId'
  | 'paymentId'
  | 'chargeId'
  | 'refundId'
  | 'amount'
  | 'currency'
  | 'bankAmount'
  | 'bankCurrency'
> & {
  /** The legal date of the entry. Defaults to today. */
  day?: string
}

/** Records differences for somebody to settle. One that was found before is left as it is. Returns the new ones. */
export async function recordDifference(
  tx: Transaction,
  { found, at, actor }: { found: readonly Difference[]; at: Date; actor: string },
): Promise<Difference[]> {
  if (found.length === 0) return []
  const rows = found.map((one) => ({
    day: legalDate(at),
    ...one,
    id: v7(),
    state: ReconciliationState.OPEN,
    foundAt: at,
  }))
  const added = await tx.insert(reconciliations).values(rows).onConflictDoNothing().returning()
  await record(
    tx,
    added.map(({ id, kind, agencyId, paymentId }) => ({
      domain: 'payments',
      type: 'difference.found',
      subject: id,
      ...(agencyId && { agencyId }),
      at,
      actor,
      ids: { kind, ...(paymentId && { payment: paymentId }) },
    })),
  )
  return added
}
