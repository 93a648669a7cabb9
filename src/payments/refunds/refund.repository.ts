import { and, eq, inArray, sql } from 'drizzle-orm'
import { clearDeadlines, setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import { calendarFrom, dueIn, type Term } from '../../shared/dueAfter.js'
import { legalDate } from '../../shared/time.js'
import { charges } from '../charges/charge.table.js'
import { paymentItems } from '../checkout/paymentItem.table.js'
import { applied, post, remitted, suspense, type Transfer } from '../ledger/post.js'
import { LedgerTransferKind } from '../ledger/transfer.table.js'
import { live, released, splitOf, statesBefore } from './refund.rules.js'
import { RefundKind, type RefundState, refunds } from './refund.table.js'
import { subjectOfRefund } from './refundUnapplied.js'

export type Refund = typeof refunds.$inferSelect

const statesIn = (states: readonly RefundState[]) => sql`${`{${states.join()}}`}::text[]::refund_state[]`

/** What can still be refunded of a charge of a payment, in minor units, in SQL. */
export const leftOf = ({
  paymentId,
  chargeId,
  amount,
}: Record<'paymentId' | 'chargeId' | 'amount', unknown>) => sql<string>`
  (${amount} - coalesce((select sum(taken.amount) from ${refunds} taken where taken.payment_id = ${paymentId}
    and taken.charge_id = ${chargeId} and taken.state = any(${statesIn(live)})), 0))::text`

/** A charge of a payment, and what is left to refund. The payment must be locked. */
export async function findClaimed(tx: Transaction, paymentId: string, chargeId: string) {
  const [found] = await tx
    .select({ charge: charges, left: leftOf(paymentItems) })
    .from(paymentItems)
    .innerJoin(charges, eq(charges.id, paymentItems.chargeId))
    .where(and(eq(paymentItems.paymentId, paymentId), eq(paymentItems.chargeId, chargeId)))
  return found && { charge: found.charge, left: BigInt(found.left) }
}

/** What the agency has approved to refund of the same payment, in minor units. The payment must be locked. */
export async function refundedBefore(tx: Transaction, { paymentId, agencyId }: Refund): Promise<bigint> {
  const [sum] = await tx
    .select({ amount: sql<string>`coalesce(sum(${refunds.amount}), 0)::text` })
    .from(refunds)
    .where(
      and(
        eq(refunds.paymentId, paymentId),
        eq(refunds.agencyId, agencyId),
        eq(refunds.kind, RefundKind.REQUESTED),
        inArray(refunds.state, [...released]),
      ),
    )
  return BigInt(sum?.amount ?? 0)
}

export const stepEvents = ['refund.examination_over', 'refund.opinion_over', 'refund.payment_over'] as const
const longestOver = 'refund.legal_maximum_over'

/** The ends of terms that begin then. Beyond the years of the calendar, days off do not move them. */
export async function endsOf<Name extends string>(
  tx: Transaction,
  from: Date,
  terms: Record<Name, Term>,
): Promise<Record<Name, Date>> {
  const calendar = await calendarFrom(tx, legalDate(from))
  const ends = Object.entries<Term>(terms).map(([name, term]) => [
    name,
    dueIn(calendar, from, term)?.dueAt ?? new Date(from.getTime() + term.value * 86_400_000),
  ])
  return Object.fromEntries(ends)
}

/** Begins a step of the agency: sets its deadline, and clears that of the step before. */
export async function beginStep(
  tx: Transaction,
  refund: Refund,
  type: (typeof stepEvents)[number],
  dueAt: Date,
): Promise<void> {
  const others = stepEvents.filter((other) => other !== type)
  await clearDeadlines(tx, others, refund.id)
  await setDeadline(tx, { ...subjectOfRefund(refund), type, dueAt })
}
/** Sets the deadlines of a new request. */
export async function beginRequest(tx: Transaction, refund: Refund, dueAt: Date, latestAt: Date): Promise<void> {
  const subject = subjectOfRefund(refund)
  await setDeadline(
    tx,
    { ...subject, type: 'refund.examination_over', dueAt },
    { ...subject, type: longestOver, dueAt: latestAt },
  )
}
export const endDeadlines = (tx: Transaction, id: string): Promise<void> =>
  clearDeadlines(tx, [...stepEvents, longestOver, refundCheck], id)
/** Wakes `sendRefund`. */
export const refundCheck = 'refund.check'

/** Changes a locked refund, and records the event `refund.<state>`. */
export async function moveRefund(
  tx: Transaction,
  refund: Refund,
  state: RefundState,
  {
    at,
    actor,
    ids,
    ...set
  }: { at: Date; actor: string; ids?: Record<string, string> } & Partial<typeof refunds.$inferInsert>,
): Promise<void> {
  const moved = await tx
    .update(refunds)
    .set({ ...set, state, changedAt: at, revision: sql`${refunds.revision} + 1` })
    .where(and(eq(refunds.id, refund.id), inArray(refunds.state, statesBefore(state))))
    .returning({ id: refunds.id })
  if (moved.length !== 1) throw new Error(`the refund ${refund.id} is ${refund.state}, and cannot become ${state}`)
  const subject = subjectOfRefund(refund)
  const happened = { ...subject, ids: { ...subject.ids, ...ids }, type: `refund.${state.toLowerCase()}`, at, actor }
  await record(tx, [happened])
}

/** Takes an approved amount out of the accounts of the agency. The payment must be locked. */
export async function release(tx: Transaction, refund: Refund, at: Date): Promise<void> {
  const { id: refundId, paymentId, chargeId, agencyId, amount, currency } = refund
  const [held] = await tx.execute<{ applied: string; remitted: string; free: string }>(sql`
    with sums as (
      select
        coalesce(sum(case when credit.kind = 'APPLIED' then amount when debit.kind = 'APPLIED' then -amount end), 0) as applied,
        coalesce(sum(case when credit.kind = 'REMITTED' then amount when debit.kind = 'REMITTED' then -amount end), 0) as remitted
      from ledger_transfers transfer
      join ledger_accounts debit on debit.id = debit_id
      join ledger_accounts credit on credit.id = credit_id
      where payment_id = ${paymentId} and charge_id = ${chargeId}
    ), others as (
      select coalesce(sum(amount), 0) as amount from refunds
      where payment_id = ${paymentId} and charge_id = ${chargeId} and id <> ${refundId}
        and state = any(${statesIn(released)})
    )
    select applied::text, remitted::text, (item.amount - applied - remitted - others.amount)::text as free
    from payment_items item, sums, others where payment_id = ${paymentId} and charge_id = ${chargeId}`)
  if (!held) throw new Error(`the refund ${refundId} must be of a charge of its payment`)
  const from = splitOf(amount, {
    applied: BigInt(held.applied),
    remitted: BigInt(held.remitted),
    free: BigInt(held.free),
  })
  const taken = { kind: LedgerTransferKind.RELEASE, credit: suspense, currency, paymentId, chargeId, refundId, at }
  const parts: Transfer[] = [
    { ...taken, debit: applied(agencyId), amount: from.applied },
    { ...taken, debit: remitted(agencyId), amount: from.remitted },
  ]
  await post(
    tx,
    parts.filter((part) => part.amount > 0n),
  )
}

/** The agency's step ends then. */
export async function setDue(tx: Transaction, { id }: Refund, { dueAt, at }: { dueAt: Date; at: Date }): Promise<void> {
  await tx
    .update(refunds)
    .set({ dueAt, changedAt: at, revision: sql`${refunds.revision} + 1` })
    .where(eq(refunds.id, id))
}
