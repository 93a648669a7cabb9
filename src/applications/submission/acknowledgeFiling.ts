import { eq } from 'drizzle-orm'
import { clearDeadline } from '../../events/deadlines.js'
import type { Job } from '../../events/job.js'
import { move, standOf } from '../application.repository.js'
import { ApplicationState, applications } from '../application.table.js'
import { termOver } from '../casework/term.js'
import { Action, transitionOfSystem } from '../transition.rules.js'
import { isAcknowledged } from './registerApplication.js'

/** Approves and completes a filing that is only acknowledged. Its receipt is the acknowledgement. */
export const acknowledgeFiling: Job = {
  name: 'acknowledgeFiling',
  on: ['application.registered'],
  run: ({ subject }, { database, keyring, now }) =>
    database.db.transaction(async (tx) => {
      const locked = () => tx.select().from(applications).where(eq(applications.id, subject)).for('update')
      const [registered] = await locked()
      // An officer may have taken it first.
      const waits = [ApplicationState.REGISTERED, ApplicationState.IN_REVIEW]
      if (!registered || !waits.includes(registered.state)) return
      if (!(await isAcknowledged(tx, registered.versionId))) return
      const at = now()
      await clearDeadline(tx, termOver, subject)
      const steps = [
        { action: Action.APPROVE, set: { decidedAt: at } },
        { action: Action.COMPLETE, set: { completedAt: at } },
      ]
      for (const { action, set } of steps) {
        const [application] = await locked()
        if (!application) return
        const { standing } = await standOf(tx, application)
        const transition = transitionOfSystem(action, standing, at)
        if (!transition) return
        const to = transition.to(standing)
        await move(tx, keyring, { application, to, event: transition.event, at, actor: 'register', set })
      }
    }),
}
