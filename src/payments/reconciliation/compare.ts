import { inArray, sql } from 'drizzle-orm'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import { daysAfter, momentOf } from '../../shared/time.js'
import { payments } from '../checkout/payment.table.js'
import { applied, post, remitted } from '../ledger/post.js'
import { LedgerTransferKind } from '../ledger/transfer.table.js'
import { refundCheck } from '../refunds/refund.repository.js'
import { ReconciliationKind as Kind, ReconciliationState } from './reconciliation.table.js'
import { type Difference, recordDifference } from './recordDifference.js'

export const actor = 'reconciliation'

/** A text of the bank as an ID of ours. Null if it is none. */
const idIn = (text: string) => sql`(
  case when ${sql.raw(text)} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ${sql.raw(text)}::uuid end)`

interface Compared extends Record<string, unknown> {
  id: string
  verdict: Kind | 'AGREED' | 'WAITS'
  entry: 'CAPTURE' | 'REFUND' | 'REVERSAL'
  entryId: string
  orderId: string
  day: string
  paymentId: string | null
  refundId: string | null
  amount: string | null
  currency: string | null
  bankAmount: string
  bankCurrency: string
}

/** What the ledger has to entries of the bank that did not agree yet, up to a page after an entry. */
async function compare(tx: Transaction, provider: string, after: string, limit: number): Promise<Compared[]> {
  return await tx.execute<Compared>(sql`
    select entry.id, entry.kind as entry, entry.entry_id as "entryId", entry.order_id as "orderId", entry.day::text as day,
      payment.id as "paymentId", refund.id as "refundId",
      coalesce(ours.amount, refund.amount, payment.amount)::text as amount, payment.currency,
      entry.amount::text as "bankAmount", entry.currency as "bankCurrency",
      case
        when payment.id is null or entry.kind = 'REFUND' and refund.id is null then 'UNKNOWN_ORDER'
        when earlier.found then 'DOUBLED'
        when entry.currency <> payment.currency then 'CURRENCY'
        when entry.amount <> coalesce(ours.amount, refund.amount, case entry.kind when 'CAPTURE' then payment.amount end, entry.amount)
          then 'AMOUNT'
        when ours.amount is null then 'MISSING_HERE'
        when payment.state = 'DISPUTED' then 'WAITS'
        else 'AGREED'
      end as verdict
    from settlement_entries entry
    left join payments payment on payment.id = ${idIn('entry.order_id')} and payment.provider = entry.provider
    left join refunds refund on entry.kind = 'REFUND' and refund.id = ${idIn('entry.refund_id')}
      and refund.payment_id = payment.id
    left join lateral (
      select sum(transfer.amount) as amount from ledger_transfers transfer
      where transfer.payment_id = payment.id and transfer.kind::text = entry.kind::text
        and (entry.kind <> 'REFUND' or transfer.refund_id = refund.id)
    ) ours on true
    left join lateral (
      select true as found from settlement_entries other
      where other.provider = entry.provider and other.kind = entry.kind and other.order_id = entry.order_id
        and other.refund_id is not distinct from entry.refund_id and other.id < entry.id limit 1
    ) earlier on true
    where entry.provider = ${provider} and entry.agreed_at is null and entry.id > ${after}
    order by entry.id limit ${limit}`)
}

const limit = 500

/**
 * Compares a page of entries. What differs becomes a difference, what we missed is asked about again, and what agrees is
 * remitted. Returns the last entry, or undefined at the end; and the number of new differences.
 */
export async function comparePage(
  tx: Transaction,
  { provider, after, now }: { provider: string; after: string; now: Date },
): Promise<{ last: string | undefined; found: number }> {
  const page = await compare(tx, provider, after, limit)
  const differing = page.filter(({ verdict }) => verdict !== 'AGREED' && verdict !== 'WAITS')
  const found = await recordDifference(tx, {
    found: differing.map((one) => differenceOf(provider, one)),
    at: now,
    actor,
  })
  await wake(
    tx,
    found.filter(({ kind }) => kind === Kind.MISSING_HERE),
    now,
  )
  const agreed = page.filter(({ verdict }) => verdict === 'AGREED')
  await remit(
    tx,
    agreed.flatMap(({ entry, paymentId }) => (entry === 'CAPTURE' && paymentId ? [paymentId] : [])),
    now,
  )
  if (agreed.length > 0)
    await tx.execute(sql`
      update settlement_entries set agreed_at = ${now.toISOString()}
      where id = any(${`{${agreed.map(({ id }) => id).join()}}`}::uuid[]) and agreed_at is null`)
  return { last: page.length < limit ? undefined : page.at(-1)?.id, found: found.length }
}

function differenceOf(provider: string, one: Compared): Difference {
  const { verdict, entry, entryId, orderId, day, paymentId, refundId, amount, currency } = one
  const isUnknown = verdict === Kind.UNKNOWN_ORDER
  return {
    kind: verdict as Kind, // the caller left the others out
    provider,
    // An entry that should not be, or something of ours that the bank has otherwise.
    subject: isUnknown || verdict === Kind.DOUBLED ? entryId : `${entry} ${refundId ?? orderId}`,
    day,
    ...(!isUnknown && { paymentId, refundId }),
    ...(!isUnknown && verdict !== Kind.MISSING_HERE && { amount: amount === null ? null : BigInt(amount), currency }),
    bankAmount: BigInt(one.bankAmount),
    bankCurrency: one.bankCurrency,
  }
}

/** Asks the bank about what it has and we do not: `checkPayment` and `sendRefund` follow. */
const wake = (tx: Transaction, missing: readonly Difference[], at: Date) =>
  record(
    tx,
    missing.flatMap(({ paymentId, refundId }) =>
      paymentId
        ? [
            {
              domain: 'payments',
              type: refundId ? refundCheck : 'payment.check',
              subject: refundId ?? paymentId,
              at,
              actor,
            },
          ]
        : [],
    ),
  )

/** Records that the treasury received what these payments paid. Locks them, so that nothing of it is released meanwhile. */
async function remit(tx: Transaction, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return
  await tx
    .select({ id: payments.id })
    .from(payments)
    .where(inArray(payments.id, [...ids]))
    .orderBy(payments.id)
    .for('update')
  const held = await tx.execute<{
    paymentId: string
    chargeId: string
    agencyId: string
    currency: string
    amount: string
  }>(sql`
    select transfer.payment_id as "paymentId", transfer.charge_id as "chargeId", account.agency_id as "agencyId",
      account.currency, sum(case when account.id = transfer.credit_id then amount else -amount end)::text as amount
    from ledger_transfers transfer
    join ledger_accounts account on account.id in (transfer.debit_id, transfer.credit_id) and account.kind = 'APPLIED'
    where transfer.payment_id = any(${`{${ids.join()}}`}::uuid[])
    group by 1, 2, 3, 4 having sum(case when account.id = transfer.credit_id then amount else -amount end) > 0`)
  await post(
    tx,
    held.map(({ agencyId, amount, ...of }) => ({
      kind: LedgerTransferKind.REMIT,
      debit: applied(agencyId),
      credit: remitted(agencyId),
      amount: BigInt(amount),
      ...of,
      at,
    })),
  )
}

interface Found extends Record<string, unknown> {
  kind: Kind
  subject: string
  paymentId: string
  refundId: string | null
  amount: string
  currency: string
}
/** Bounds what one day may add; the next run finds the rest. */
const mostFound = 10_000

/**
 * What our ledger has on a legal date and the bank does not, and what arrived then and went nowhere. Returns the number of new
 * differences.
 */
export async function compareLedger(
  tx: Transaction,
  { provider, day, now }: { provider: string; day: string; now: Date },
): Promise<number> {
  const from = momentOf(day, '00:00:00').toISOString()
  const to = momentOf(daysAfter(day, 1), '00:00:00').toISOString()
  const found = await tx.execute<Found>(sql`
    with moved as (
      select transfer.* from ledger_accounts account join ledger_transfers transfer on transfer.debit_id = account.id
      where account.kind = 'CLEARING' and account.provider = ${provider} and at >= ${from} and at < ${to}
      union all
      select transfer.* from ledger_accounts account join ledger_transfers transfer on transfer.credit_id = account.id
      where account.kind = 'CLEARING' and account.provider = ${provider} and at >= ${from} and at < ${to}
    ), wrong as (
      select 'MISSING_THERE' as kind, moved.kind || ' ' || coalesce(refund_id, payment_id) as subject, payment_id, refund_id,
        amount, currency
      from moved
      where not exists (
        select from settlement_entries entry
        where entry.provider = ${provider} and entry.kind::text = moved.kind::text and entry.order_id = payment_id::text
          and entry.refund_id is not distinct from refund_id::text)
      union all
      select 'NOT_APPLIED', payment_id::text, payment_id, null, held.amount - back.amount, currency
      from moved
      cross join lateral (
        select sum(case when account.id = one.credit_id then one.amount else -one.amount end) as amount
        from ledger_transfers one join ledger_accounts account on account.id in (one.debit_id, one.credit_id)
        where one.payment_id = moved.payment_id and account.kind = 'SUSPENSE'
      ) held
      cross join lateral (
        select coalesce(sum(amount), 0) as amount from refunds
        where refunds.payment_id = moved.payment_id and state in ('APPROVED', 'SENT', 'FAILED')
      ) back
      where moved.kind = 'CAPTURE' and held.amount > back.amount
    )
    select kind, subject, payment_id as "paymentId", refund_id as "refundId", amount::text, currency
    from wrong
    where not exists (
      select from reconciliations known
      where known.kind = wrong.kind::reconciliation_kind and known.provider = ${provider} and known.subject = wrong.subject)
    limit ${mostFound}`)
  let added = 0
  for (let place = 0; place < found.length; place += limit) {
    const some = found.slice(place, place + limit)
    const differing = some.map(({ amount, ...one }) => ({ ...one, provider, day, amount: BigInt(amount) }))
    added += (await recordDifference(tx, { found: differing, at: now, actor })).length
  }
  return added
}

/** Why a difference is settled by itself. */
const resolved = 'Resolved by itself: the ledger and the bank now have the same.'

/** Settles what was missing and has come since, of all payments or one. */
export async function settleResolved(
  tx: Transaction,
  { now, paymentId }: { now: Date; paymentId?: string },
): Promise<void> {
  const settled = await tx.execute<{ id: string; agencyId: string | null; paymentId: string }>(sql`
    update reconciliations known
    set state = ${ReconciliationState.SETTLED}, settled_at = ${now.toISOString()}, reason = ${resolved}
    where state = 'OPEN' and kind in ('MISSING_HERE', 'MISSING_THERE')
      and (${paymentId ?? null}::uuid is null or payment_id = ${paymentId ?? null}::uuid)
      and exists (
        select from ledger_transfers transfer
        where transfer.payment_id = known.payment_id and transfer.kind::text = split_part(known.subject, ' ', 1)
          and transfer.refund_id is not distinct from known.refund_id
          and transfer.amount = coalesce(known.bank_amount, transfer.amount))
      and exists (
        select from settlement_entries entry
        where entry.provider = known.provider and entry.kind::text = split_part(known.subject, ' ', 1)
          and entry.order_id = known.payment_id::text and entry.refund_id is not distinct from known.refund_id::text)
    returning id, agency_id as "agencyId", payment_id as "paymentId"`)
  await record(
    tx,
    settled.map(({ id, agencyId, paymentId: payment }) => ({
      domain: 'payments',
      type: 'difference.settled',
      subject: id,
      ...(agencyId && { agencyId }),
      at: now,
      actor,
      ids: { payment },
    })),
  )
}
