import { and, eq, sql } from 'drizzle-orm'
import { clearDeadline, setDeadline } from '../../events/deadlines.js'
import { type Happened, record } from '../../events/record.js'
import type { Database } from '../../platform/database.js'
import type { Transaction } from '../../platform/seeding.js'
import { mayBecome, nextCheckAt } from './payment.rules.js'
import { type PaymentState, payments } from './payment.table.js'

export type PaymentRow = typeof payments.$inferSelect

export async function findPayment(db: Pick<Database['db'], 'select'>, id: string): Promise<PaymentRow | undefined> {
  const [payment] = await db.select().from(payments).where(eq(payments.id, id))
  return payment
}

/** Locks a payment until the transaction ends. Its charges are locked after it. */
export async function lockPayment(tx: Transaction, id: string): Promise<PaymentRow | undefined> {
  const [payment] = await tx.select().from(payments).where(eq(payments.id, id)).for('update')
  return payment
}

/** Moves a locked payment. Throws if the state machine does not allow it. */
export async function movePayment(
  tx: Transaction,
  { id, state: from, revision }: PaymentRow,
  to: PaymentState,
  set: Partial<Pick<PaymentRow, 'session' | 'capturedAt' | 'endedAt'>> & { changedAt: Date },
): Promise<PaymentRow> {
  if (!mayBecome(from, to)) throw new Error(`the payment ${id} must not become ${to}; it is ${from}`)
  const [moved] = await tx
    .update(payments)
    .set({ ...set, state: to, revision: sql`${payments.revision} + 1` })
    .where(and(eq(payments.id, id), eq(payments.state, from), eq(payments.revision, revision)))
    .returning()
  if (!moved) throw new Error(`the payment ${id} changed though it was locked`)
  return moved
}

/** Records what happened to a payment. Agencies are named if it concerns them. */
export async function recordOfPayment(
  tx: Transaction,
  { id, partyId }: Pick<PaymentRow, 'id' | 'partyId'>,
  what: Pick<Happened, 'type' | 'at' | 'actor' | 'ids'>,
  agencyIds: readonly string[] = [],
): Promise<void> {
  const happened = { domain: 'payments', subject: id, ...what }
  const ofAgencies = [...new Set(agencyIds)].map((agencyId) => ({ ...happened, agencyId }))
  await record(tx, [{ ...happened, partyId }, ...ofAgencies])
}

/** The type of the deadline, and of its event, on which the bank is asked without a callback. */
export const checkDue = 'payment.check'

/** In milliseconds. */
const unansweredPause = 600_000

/**
 * Sets when the bank is asked next, after the payment was locked. A callback is not sent again: what it was about is still asked
 * for if the bank did not answer.
 */
export async function setCheck(
  tx: Transaction,
  payment: Parameters<typeof nextCheckAt>[0] & Pick<PaymentRow, 'id' | 'partyId'>,
  at: Date,
  isAnswered = true,
): Promise<void> {
  const { id: subject, partyId } = payment
  const dueAt = nextCheckAt(payment, at) ?? (isAnswered ? null : new Date(at.getTime() + unansweredPause))
  if (dueAt) await setDeadline(tx, { domain: 'payments', type: checkDue, subject, partyId, dueAt })
  else await clearDeadline(tx, checkDue, subject)
}
