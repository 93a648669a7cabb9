import { clearDeadline } from '../../events/deadlines.js'
import { applicationJob } from '../applicationJob.js'
import { isAcknowledged, termOver } from '../casework/term.js'
import { Action } from '../transition.rules.js'

/**
 * Approves and completes a filing that is only acknowledged, even if an officer has taken it first. Its receipt is the
 * acknowledgement.
 */
export const acknowledgeFiling = applicationJob({
  name: 'acknowledgeFiling',
  on: ['application.registered', 'application.answers_confirmed', 'application.answers_accepted'],
  actor: 'register',
  async steps({ tx, application, work }) {
    if (!(await isAcknowledged(tx, application))) return []
    const at = work.now()
    const approve = async () => {
      await clearDeadline(tx, termOver, application.id)
      return { set: { decidedAt: at } }
    }
    return [
      { action: Action.APPROVE, at, change: approve },
      { action: Action.COMPLETE, at, change: async () => ({ set: { completedAt: at } }) },
    ]
  },
})
