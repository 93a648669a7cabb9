import { Field, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import type { Acting } from '../../events/commandKeys.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import { encrypt } from '../../platform/personal.js'
import { longest, userErrorsInText } from '../../shared/texts.rules.js'
import { Refund } from './refund.js'
import { endDeadlines, moveRefund } from './refund.repository.js'
import { RefundAction } from './refund.rules.js'
import { RefundState, refunds } from './refund.table.js'
import { commonErrors, financeOfficer, RefundInput, refundFor } from './refundDecision.js'

@InputType({ description: 'Input of `rejectRefund`.' })
export class RejectRefundInput extends RefundInput {
  @Field(() => String, { description: `Why, for the payer. At most ${longest.prose} characters.` })
  reason!: string
}

export const rejectRefund = command({
  name: 'rejectRefund',
  description: `Rejects a requested refund. The amount can be requested again. ${commonErrors} Returns MISSING without a reason.`,
  allowedTo: financeOfficer,
  input: RejectRefundInput,
  key: 'optional',
  creates: false,
  made: { refund: { type: Refund, description: 'Refund after the change.' } },
  async act(input: RejectRefundInput, acting: Acting) {
    const found = await refundFor(acting, input, RefundAction.REJECT)
    if ('userErrors' in found) return found
    const { tx, context } = acting
    const { refund, own, now, ids } = found
    const { id, partyId } = refund
    const userErrors = userErrorsInText(['reason'], input.reason, longest.prose)
    if (userErrors.length > 0) return refused(userErrors)
    const key = (await keysToEncrypt(tx, context.keyring, [partyId])).get(partyId)
    const written = key ? encrypt(key, refunds, { id, partyId, rejection: input.reason }) : {}
    await endDeadlines(tx, id)
    await moveRefund(tx, refund, RefundState.REJECTED, {
      ...written,
      rejectedBy: own,
      decidedAt: now,
      endedAt: now,
      at: now,
      actor: context.caller.id,
      ids,
    })
    return made({ refund: id })
  },
})
