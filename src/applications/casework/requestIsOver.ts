import { eq } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import { move, standOf } from '../application.repository.js'
import { applications } from '../application.table.js'
import { Action, transitionOfSystem } from '../transition.rules.js'
import { changeOfDue, requestOver, resumed, runTerm } from './term.js'

/**
 * The applicant has not given what was asked for: the officer is told, and goes on with what there is. The agency's time
 * runs again from then on, whenever this runs. Not where it was given meanwhile, or something else is asked for.
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
