import { setDeadline } from '../../events/deadlines.js'
import { awaitedUntil } from '../../payments/charges/charge.repository.js'
import type { Transaction } from '../../platform/seeding.js'
import type { Application } from '../application.repository.js'
import { ApplicationState } from '../application.table.js'
import { applicationJob } from '../applicationJob.js'
import { confirmationOver, draftExpires, paymentOver, subjectOf } from '../casework/term.js'
import { Action } from '../transition.rules.js'
import { emptiedDraft } from './draft.repository.js'

const statesByDeadline: Record<string, ApplicationState[]> = {
  [draftExpires]: [ApplicationState.DRAFT],
  [confirmationOver]: [ApplicationState.AWAITING_CONFIRMATION],
  [paymentOver]: [ApplicationState.AWAITING_PAYMENT, ApplicationState.AWAITING_FEE, ApplicationState.READY],
}
const approvedStates = [ApplicationState.AWAITING_FEE, ApplicationState.READY]

/**
 * Ends an application that was not submitted, confirmed or paid in time, and deletes its content. An approval that was not
 * paid in time lapses and keeps it.
 */
export const expireApplication = applicationJob({
  name: 'expireApplication',
  on: [draftExpires, confirmationOver, paymentOver],
  actor: 'deadline',
  async steps({ tx, application, event: { type, at }, work }) {
    if (!statesByDeadline[type]?.includes(application.state)) return []
    if (type === paymentOver && (await mayStillBePaid(tx, application, at, work.now()))) return []
    if (approvedStates.includes(application.state)) return [{ action: Action.LAPSE, at, change: async () => ({}) }]
    const expire = async () => ({ set: { ...(await emptiedDraft(tx, work.keyring, application)), expiresAt: null } })
    return [{ action: Action.EXPIRE, at, change: expire }]
  },
})

/** Milliseconds after a session until the outcome of its payment is expected. */
const pause = 300_000

/** Whether it is paid, has more time, or is being paid. In the last case the deadline moves past the session of the payment. */
async function mayStillBePaid(tx: Transaction, application: Application, at: Date, now: Date): Promise<boolean> {
  if (!application.payBy || application.payBy > at) return true
  const until = await awaitedUntil(tx, application.id)
  if (!until) return false
  const dueAt = new Date(Math.max(until.getTime(), now.getTime()) + pause)
  await setDeadline(tx, { ...subjectOf(application), type: paymentOver, dueAt })
  return true
}
