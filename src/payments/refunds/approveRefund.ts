import { InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import { legalDate } from '../../shared/time.js'
import { rulesOn } from '../rules/paymentRule.js'
import { PaymentRule } from '../rules/paymentRule.table.js'
import { Refund } from './refund.js'
import { beginStep, endsOf, moveRefund, refundedBefore, release, setDue } from './refund.repository.js'
import { approvalsNeeded, paymentRefusal, RefundAction } from './refund.rules.js'
import { RefundState } from './refund.table.js'
import { refundApprovals } from './refundApproval.table.js'
import { commonErrors, financeOfficer, RefundInput, refundFor } from './refundDecision.js'
import { subjectOfRefund } from './refundUnapplied.js'

@InputType({ description: 'Input of `approveRefund`.' })
export class ApproveRefundInput extends RefundInput {}

export const approveRefund = command({
  name: 'approveRefund',
  description:
    'Approves a requested refund. Two officers must approve it if all refunds of the payment by the agency are a large amount ' +
    `together; it is sent when the second has approved it. A second approval by the same officer changes nothing. ${commonErrors} Returns NOT_ALLOWED_NOW while the payment is disputed.`,
  allowedTo: financeOfficer,
  input: ApproveRefundInput,
  key: 'optional',
  creates: false,
  made: { refund: { type: Refund, description: 'Refund after the change.' } },
  async act(input: ApproveRefundInput, acting: Acting) {
    const found = await refundFor(acting, input, RefundAction.APPROVE)
    if ('userErrors' in found) return found
    const { tx, context } = acting
    const { refund, payment, own, now, ids, approvers } = found
    const unpaid = paymentRefusal(payment.state)
    if (unpaid) return refused([{ ...unpaid, field: ['refundId'] }])
    if (approvers.includes(own)) return made({ refund: refund.id })
    await tx.insert(refundApprovals).values({ refundId: refund.id, officerId: own, at: now })
    const rules = await rulesOn(tx, legalDate(refund.requestedAt))
    // Otherwise many small refunds would need no second officer.
    const total = refund.amount + (await refundedBefore(tx, refund))
    const needed = approvalsNeeded(total, rules.secondApprovalAbove(refund.currency))
    if (approvers.length + 1 < needed) {
      const { dueAt } = await endsOf(tx, now, { dueAt: rules.termOf(PaymentRule.REFUND_OPINION) })
      await setDue(tx, refund, { dueAt, at: now })
      await beginStep(tx, refund, 'refund.opinion_over', dueAt)
      const subject = subjectOfRefund(refund)
      const happened = { ...subject, ids: { ...subject.ids, ...ids }, type: 'refund.first_approved', at: now }
      await record(tx, [{ ...happened, actor: context.caller.id }])
      return made({ refund: refund.id })
    }
    const { dueAt } = await endsOf(tx, refund.requestedAt, { dueAt: rules.termOf(PaymentRule.REFUND_TARGET) })
    await release(tx, refund, now)
    await beginStep(tx, refund, 'refund.payment_over', dueAt)
    const move = { dueAt, decidedAt: now, at: now, actor: context.caller.id, ids }
    await moveRefund(tx, refund, RefundState.APPROVED, move)
    return made({ refund: refund.id })
  },
})
