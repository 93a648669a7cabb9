import { sql } from 'drizzle-orm'
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
  /** The agency of the charge, if it is about one. Defaults to that of all charges of the payment. */
  agencyId?: string | null
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
    agencyId: one.agencyId ?? (one.paymentId ? agencyOf(one.paymentId) : null),
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

/** The agency of all charges of a payment. Null if there are several. */
const agencyOf = (paymentId: string) => sql<string | null>`(
  select case when count(distinct charge.agency_id) = 1 then min(charge.agency_id::text)::uuid end
  from payment_items item join charges charge on charge.id = item.charge_id where item.payment_id = ${paymentId})`
