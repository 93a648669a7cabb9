import { Field, ID, InputType } from 'type-graphql'
import { command, made, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { findAuthorityOver } from '../../identity/mandates/powers.js'
import { payers } from '../../shared/context.js'

import { Payment } from './payment.js'
import { lockPayment, movePayment, type PaymentRow, recordOfPayment } from './payment.repository.js'
import { refusalToCancel } from './payment.rules.js'
import { PaymentState } from './payment.table.js'

@InputType({ description: 'Input of `cancelPayment`.' })
export class CancelPaymentInput {
  @Field(() => ID, { description: 'ID of the payment.' })
  paymentId!: string
}

export const cancelPayment = command({
  name: 'cancelPayment',
  description:
    'Cancels a payment that waits for the payer. At once if the payer has not opened `checkoutUrl`. Otherwise the bank is asked, ' +
    'and the payment stays PENDING until it answers: it may turn out to be paid. For the payer, holders of the power PAY over the ' +
    'payer, programs with the scope `payments:write`, and for a payment that was started without signing in callers without a ' +
    'token who know its id. A payment that is already cancelled is returned unchanged. Returns NOT_FOUND if there is no such payment for the ' +
    'caller, and NOT_ALLOWED_NOW if it does not wait any more.',
  allowedTo: payers,
  input: CancelPaymentInput,
  key: 'optional',
  creates: false,
  made: { payment: { type: Payment, description: 'Payment after the change.' } },
  async act({ paymentId }: CancelPaymentInput, acting: Acting) {
    const { tx, context } = acting
    const payment = await lockPayment(tx, keyIn(paymentId, 'Payment'))
    if (!payment || !(await mayCancel(acting, payment))) return refused([unknown])
    const { id, state } = payment
    if (state === PaymentState.CANCELLED) return made({ payment: id })
    const reason = refusalToCancel(state)
    if (reason) return refused([{ code: 'NOT_ALLOWED_NOW', reason, field: ['paymentId'] }])
    const [at, actor] = [context.now(), context.caller.id]
    const isUnknownAtBank = state === PaymentState.CREATED
    if (isUnknownAtBank) await movePayment(tx, payment, PaymentState.CANCELLED, { endedAt: at, changedAt: at })
    const type = isUnknownAtBank ? 'payment.cancelled' : 'payment.cancel_requested'
    await recordOfPayment(tx, payment, { type, at, actor })
    return made({ payment: id })
  },
})

const unknown: UserError = { code: 'NOT_FOUND', reason: 'payment.unknown', field: ['paymentId'] }

async function mayCancel(acting: Acting, { anonymous, partyId }: PaymentRow): Promise<boolean> {
  const isAnonymous = acting.context.caller.kind === 'ANONYMOUS'
  if (anonymous || isAnonymous) return anonymous === isAnonymous
  return (await findAuthorityOver(acting, partyId, { power: Power.PAY, scope: 'payments:write' })) !== undefined
}
