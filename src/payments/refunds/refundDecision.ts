import { and, eq, inArray } from 'drizzle-orm'
import { Field, ID, InputType } from 'type-graphql'
import { type Refused, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { OfficerRole } from '../../identity/officers/appointment.table.js'
import { officer } from '../../identity/officers/offices.js'
import { ownCase, tiesOf } from '../../identity/officers/ownCase.js'
import { Assurance } from '../../shared/assurance.table.js'
import { ownPartyOf } from '../../shared/context.js'
import { charges } from '../charges/charge.table.js'
import { handlesCharges, holdFinance } from '../charges/finance.js'
import { lockPayment } from '../checkout/payment.repository.js'
import type { Refund } from './refund.repository.js'
import { decisionRefusal, type RefundAction } from './refund.rules.js'
import { refunds } from './refund.table.js'
import { refundApprovals } from './refundApproval.table.js'

export const financeOfficer = officer(OfficerRole.FINANCE, { assurance: Assurance.HIGH })

@InputType()
export abstract class RefundInput {
  @Field(() => ID, { description: 'ID of the refund.' })
  refundId!: string
}

export const commonErrors =
  'Requires an officer of the agency with the role FINANCE and assurance HIGH. Returns NOT_FOUND if the agency has no ' +
  'such refund. Returns NOT_ALLOWED_NOW if it is decided, and to the officer who requested it. Returns FORBIDDEN in the ' +
  'caller’s own case.'

interface Deciding {
  refund: Refund
  own: string
  now: Date
  ids: Record<string, string>
  payment: NonNullable<Awaited<ReturnType<typeof lockPayment>>>
  /** The officers who have approved it. */
  approvers: readonly string[]
}
/** Locks the payment and its refund, or returns why the caller may not decide. Somebody else's looks like an unknown one. */
export async function refundFor(
  acting: Acting,
  { refundId }: RefundInput,
  action: RefundAction,
): Promise<Deciding | Refused> {
  const { tx, context } = acting
  const [own, now] = [ownPartyOf(context.caller), context.now()]
  const isTheirs = and(
    eq(refunds.id, keyIn(refundId, 'Refund')),
    inArray(refunds.agencyId, handlesCharges(context.caller)),
  )
  const [found] = await tx
    .select({ paymentId: refunds.paymentId, agencyId: refunds.agencyId, chargedId: charges.partyId })
    .from(refunds)
    .innerJoin(charges, eq(charges.id, refunds.chargeId))
    .where(isTheirs)
  const payment = found && (await lockPayment(tx, found.paymentId))
  const under = found && (await holdFinance(acting, found.agencyId))
  const [refund] = await tx.select().from(refunds).where(isTheirs).for('update')
  if (!payment || !under || !refund) return refused([unknownRefund])
  const theirs = [refund.partyId, found.chargedId].flatMap((party) => party ?? [])
  const [tie] = (await tiesOf(tx, own, [...new Set(theirs)], now)).values()
  const approvals = await tx
    .select({ officerId: refundApprovals.officerId })
    .from(refundApprovals)
    .where(eq(refundApprovals.refundId, refund.id))
  const approvers = approvals.map(({ officerId }) => officerId)
  const relation = { own, isFinance: true, isOwnCase: tie !== undefined, hasApproved: approvers.includes(own) }
  const reason = decisionRefusal(action, refund, relation)
  if (tie && reason === 'refund.own_case') throw ownCase(tie)
  return reason && reason !== 'refund.approved_by_you'
    ? refused([{ code: 'NOT_ALLOWED_NOW', reason, field: ['refundId'] }])
    : { refund, payment, own, now, ids: { under }, approvers }
}

const unknownRefund: UserError = { code: 'NOT_FOUND', reason: 'refund.unknown', field: ['refundId'] }
