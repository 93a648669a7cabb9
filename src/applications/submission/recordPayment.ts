import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { applicationJob } from '../applicationJob.js'
import { Action, paying } from '../transition.rules.js'
import { applicationFees } from './applicationFee.table.js'

/** Records that what an application awaits was paid. Payments tell it by the event. */
export const recordPayment = applicationJob({
  name: 'recordPayment',
  on: ['charge.paid'],
  actor: 'payment',
  async steps({ tx, application, work }) {
    const due = paying[application.state]
    if (!due) return []
    const at = work.now()
    const { applicationId, amount, paidAt } = applicationFees
    const pay = async () => {
      const areOwed = and(
        eq(applicationId, application.id),
        eq(applicationFees.due, due),
        isNotNull(amount),
        isNull(paidAt),
      )
      await tx.update(applicationFees).set({ paidAt: at }).where(areOwed)
      return {}
    }
    return [{ action: Action.PAY, at, change: pay }]
  },
})
