import { ApplicationState } from '../application.table.js'
import { applicationJob } from '../applicationJob.js'
import { confirmationOver, draftExpires, paymentOver } from '../casework/term.js'
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
    // Paid, or moved to a later day.
    if (type === paymentOver && application.payBy?.getTime() !== at.getTime()) return []
    if (approvedStates.includes(application.state)) return [{ action: Action.LAPSE, at, change: async () => ({}) }]
    const expire = async () => ({ set: { ...(await emptiedDraft(tx, work.keyring, application)), expiresAt: null } })
    return [{ action: Action.EXPIRE, at, change: expire }]
  },
})
