import { eq, sql } from 'drizzle-orm'
import { revokeDocuments } from '../../documents/issued/issueDocument.js'
import type { Work } from '../../events/job.js'
import type { Transaction } from '../../platform/seeding.js'
import { applyToCharges, type Charge, reopenCharge } from '../charges/charge.repository.js'
import { charges } from '../charges/charge.table.js'
import { AccountKind } from '../ledger/account.table.js'
import { applied, clearing, post, remitted, suspense, type Transfer } from '../ledger/post.js'
import { LedgerTransferKind as Kind } from '../ledger/transfer.table.js'
import { refundUnapplied } from '../refunds/refundUnapplied.js'
import { movePayment, type PaymentRow, recordOfPayment } from './payment.repository.js'
import { effectsOf, momentOfCapture } from './payment.rules.js'
import { PaymentState } from './payment.table.js'
import { paymentItems } from './paymentItem.table.js'
import { issuePaymentReceipts } from './paymentReceipt.js'
import type { OrderStatus } from './provider.js'

interface Settling {
  tx: Transaction
  work: Pick<Work, 'keyring' | 'signingKeys' | 'now'>
  actor: string
  at: Date
}
/** A charge of the payment, locked, with the amount of its item. */
type Item = Charge

const ended = [PaymentState.FAILED, PaymentState.CANCELLED, PaymentState.EXPIRED]
const successes = [PaymentState.SUCCEEDED, PaymentState.LATE_SUCCESS]
/** What an agency must know of its money. */
const concernAgencies = [PaymentState.DISPUTED, PaymentState.REVERSED]

/** Takes a locked payment through the states, with the ledger, its charges, receipts and refunds. */
export async function settlePayment(
  settling: Settling,
  payment: PaymentRow,
  path: readonly PaymentState[],
  status: OrderStatus | null,
): Promise<PaymentRow> {
  const { tx, actor, at } = settling
  const effects = effectsOf(payment.state, path)
  const agenciesToo = path.some((state) => concernAgencies.includes(state))
  const items = effects.captures || agenciesToo ? await lockItems(tx, payment.id) : []
  let moved = payment
  for (const state of path) {
    const isFirstCapture = successes.includes(state) && moved.capturedAt === null
    moved = await movePayment(tx, moved, state, {
      changedAt: at,
      ...(status && { session: status.sessionId }),
      ...(isFirstCapture && { capturedAt: momentOfCapture(status?.capturedAt ?? null, moved.createdAt, at) }),
      ...(ended.includes(state) && { endedAt: at }),
    })
    const agencies = concernAgencies.includes(state) ? items.map(({ agencyId }) => agencyId) : []
    await recordOfPayment(tx, moved, { type: typeOf(state), at, actor }, agencies)
  }
  if (effects.captures) await capture(settling, moved)
  if (effects.applies) await apply(settling, moved, items)
  if (effects.reverses) await reverse(settling, moved, status?.refunds ?? [])
  return moved
}

const typeOf = (state: PaymentState) =>
  state === PaymentState.PENDING ? 'payment.opened' : `payment.${state.toLowerCase()}`

/** Locks the charges in the order in which every payment locks them. */
async function lockItems(tx: Transaction, paymentId: string): Promise<Item[]> {
  const rows = await tx
    .select({ charge: charges, amount: paymentItems.amount })
    .from(paymentItems)
    .innerJoin(charges, eq(charges.id, paymentItems.chargeId))
    .where(eq(paymentItems.paymentId, paymentId))
    .orderBy(charges.id)
    .for('update', { of: charges })
  return rows.map(({ charge, amount }) => ({ ...charge, amount }))
}

async function capture({ tx, at }: Settling, { id, provider, amount, currency }: PaymentRow): Promise<void> {
  await post(tx, [
    { kind: Kind.CAPTURE, debit: clearing(provider), credit: suspense, amount, currency, paymentId: id, at },
  ])
}

/** Pays the charges. What cannot be paid any more goes back. */
async function apply({ tx, work, actor, at }: Settling, payment: PaymentRow, items: readonly Item[]): Promise<void> {
  const capturedAt = payment.capturedAt ?? at
  const paidNow = await applyToCharges(tx, items, capturedAt, { at, actor })
  const paid = items.filter(({ id }) => paidNow.has(id))
  const unapplied = items.filter(({ id }) => !paidNow.has(id))
  await post(
    tx,
    paid.map(({ id, agencyId, amount, currency }) => ({
      kind: Kind.APPLY,
      debit: suspense,
      credit: applied(agencyId),
      amount,
      currency,
      paymentId: payment.id,
      chargeId: id,
      at,
    })),
  )
  await refundUnapplied(tx, payment, unapplied, at)
  await issuePaymentReceipts({ tx, context: { ...work, caller: { id: actor } } }, { ...payment, capturedAt }, paid)
}

/**
 * Takes back what the payment still pays, opens its charges again, and gives the bank what it took: all but what it had refunded,
 * also if that refund is posted later.
 */
async function reverse(
  { tx, actor, at }: Settling,
  { id, provider, amount: captured, currency }: PaymentRow,
  refunded: OrderStatus['refunds'],
): Promise<void> {
  const balances = await tx.execute<Balance & Record<string, unknown>>(sql`
    select charge_id as "chargeId", account.kind, agency_id as "agencyId",
      sum(case account.id when credit_id then amount else -amount end)::text as amount
    from ledger_transfers transfer join ledger_accounts account on account.id in (credit_id, debit_id)
    where payment_id = ${id} and account.kind in ('APPLIED', 'REMITTED')
    group by charge_id, account.kind, agency_id order by charge_id, account.kind`)
  const common = { currency, paymentId: id, at }
  const released = balances
    .filter(({ amount }) => BigInt(amount) > 0n)
    .map(({ chargeId, kind, agencyId, amount }) => {
      const debit = kind === AccountKind.REMITTED ? remitted(agencyId) : applied(agencyId)
      return { kind: Kind.RELEASE, debit, credit: suspense, amount: BigInt(amount), chargeId, ...common }
    })
  for (const chargeId of new Set(released.map((transfer) => transfer.chargeId)))
    if (await reopenCharge(tx, chargeId, { at, actor })) await revokeDocuments(tx, chargeId, at)
  const done = refunded.filter(({ state }) => state === 'DONE')
  const amount = done.reduce((left, refund) => left - refund.amount, captured)
  const reversal: Transfer = { kind: Kind.REVERSAL, debit: suspense, credit: clearing(provider), amount, ...common }
  await post(tx, amount > 0n ? [...released, reversal] : released)
}

/** What an agency has of a payment, by charge. */
interface Balance {
  chargeId: string
  kind: AccountKind
  agencyId: string
  amount: string
}
