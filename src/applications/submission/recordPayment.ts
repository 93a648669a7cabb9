import { eq } from 'drizzle-orm'
import { NIL } from 'uuid'
import { charges } from '../../payments/charges/charge.table.js'
import { applicationJob } from '../applicationJob.js'
import { Action, paying } from '../transition.rules.js'

/** Records that what an application awaits was paid, with effect from the payment, or that the bank took a payment back. */
export const recordPayment = applicationJob({
  name: 'recordPayment',
  on: ['charge.paid', 'charge.reopened'],
  actor: 'payment',
  subjectOf: ({ ids }) => ids.about ?? NIL,
  async steps({ tx, application, event: { type, subject, at } }) {
    const change = async () => ({})
    if (type === 'charge.reopened') return [{ action: Action.RECORD_REVERSAL, at, change }]
    const [charge] = await tx.select({ due: charges.due }).from(charges).where(eq(charges.id, subject))
    // It may be paid again long after a reversal.
    const isAwaited = charge?.due && charge.due === paying[application.state]
    return isAwaited ? [{ action: Action.RECORD_PAYMENT, at, change }] : []
  },
})
