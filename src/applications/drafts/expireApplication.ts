import { ApplicationState } from '../application.table.js'
import { applicationJob } from '../applicationJob.js'
import { confirmationOver, draftExpires } from '../casework/term.js'
import { Action } from '../transition.rules.js'
import { emptiedDraft } from './draft.repository.js'

const stateByDeadline: Record<string, ApplicationState> = {
  [draftExpires]: ApplicationState.DRAFT,
  [confirmationOver]: ApplicationState.AWAITING_CONFIRMATION,
}

/** Ends an application that was not submitted or confirmed in time. Deletes the content of a draft. */
export const expireApplication = applicationJob({
  name: 'expireApplication',
  on: [draftExpires, confirmationOver],
  actor: 'deadline',
  async steps({ tx, application, event: { type, at }, work }) {
    if (application.state !== stateByDeadline[type]) return []
    const expire = async () => ({ set: { ...(await emptiedDraft(tx, work.keyring, application)), expiresAt: null } })
    return [{ action: Action.EXPIRE, at, change: expire }]
  },
})
