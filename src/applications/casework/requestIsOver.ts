import { eq } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import { move, standOf } from '../application.repository.js'
import { applications } from '../application.table.js'
import { Action, transitionOfSystem } from '../transition.rules.js'
import { changeOfDue, requestOver, resumed, runTerm } from './term.js'

/**
 * Ends a request for information that nobody answered, and informs the officer. The term continues from the last day to
 * respond, however late this runs. Does nothing after a response or a newer request.
 */
export const requestIsOver: Job = {
  name: 'requestIsOver',
  on: [requestOver],
  run: ({ subject, at }, { database, keyring }) =>
    database.db.transaction(async (tx) => {
      const [application] = await tx.select().from(applications).where(eq(applications.id, subject)).for('update')
      if (application?.respondBy?.getTime() !== at.getTime()) return
      const { standing } = await standOf(tx, application)
      const transition = transitionOfSystem(Action.RESUME, standing, at)
      if (!transition) return
      const due = await resumed(tx, application, at)
      await runTerm(tx, application, due)
      await move(tx, keyring, {
        application,
        to: transition.to(standing),
        event: transition.event,
        at,
        actor: 'deadline',
        due: changeOfDue(application, due, 'term.resumed'),
        set: { dueOn: due?.dueOn ?? null, dueAt: due?.dueAt ?? null, pausedAt: null, respondBy: null },
        ids: application.officerId ? { officer: application.officerId } : {},
      })
    }),
}
