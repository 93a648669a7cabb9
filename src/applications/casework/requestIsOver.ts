import { applicationJob } from '../applicationJob.js'
import { Action } from '../transition.rules.js'
import { changeOfDue, officerOf, requestOver, resumed, runTerm } from './term.js'

/**
 * Ends a request for information that nobody answered, and informs the officer. The term continues from the last day to
 * respond, however late this runs. Does nothing after a response or a newer request.
 */
export const requestIsOver = applicationJob({
  name: 'requestIsOver',
  on: [requestOver],
  actor: 'deadline',
  async steps({ tx, application, event: { at } }) {
    if (application.respondBy?.getTime() !== at.getTime()) return []
    const resume = async () => {
      const due = await resumed(tx, application, at)
      await runTerm(tx, application, due)
      return {
        due: changeOfDue(application, due, 'term.resumed'),
        set: { dueOn: due?.dueOn ?? null, dueAt: due?.dueAt ?? null, pausedAt: null, respondBy: null },
        ids: officerOf(application),
      }
    }
    return [{ action: Action.RESUME, at, change: resume }]
  },
})
