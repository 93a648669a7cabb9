import { eq } from 'drizzle-orm'
import type { EventRow, Job, Work } from '../events/job.js'
import type { Transaction } from '../platform/seeding.js'
import { type Application, loadCase, type Moved, move } from './application.repository.js'
import { applications } from './application.table.js'
import type { Process } from './drafts/form.repository.js'
import { type Action, transitionOfSystem } from './transition.rules.js'

/** A locked application, and the event that a job runs for. */
interface Working<Prepared> {
  tx: Transaction
  application: Application
  event: EventRow
  work: Work
  prepared: Prepared
}

interface Step {
  action: Action
  at: Date
  /** Runs if the state machine allows the action on the application as it is then. Returns what else changes. */
  change(
    application: Application,
    process: Process,
  ): Promise<Pick<Partial<Moved>, 'set' | 'due' | 'decisionId' | 'transferId' | 'ids' | 'revises'>>
}

interface ApplicationJob<Prepared> extends Pick<Job, 'name' | 'on'> {
  actor: string
  /** The application. Defaults to the subject of the event. */
  subjectOf?(event: EventRow): string
  /** Asks other systems, before the transaction. */
  prepare?(event: EventRow, work: Work): Promise<Prepared>
  /** What to do, in this order. Empty if there is nothing to do any more. */
  steps(working: Working<Prepared>): Promise<Step[]>
}

/**
 * Declares a job that moves an application. The job locks the application, looks each action up in the state machine, and
 * moves the application with a timeline entry and an event. It stops at the first action that is not allowed.
 */
export const applicationJob = <Prepared = undefined>({
  name,
  on,
  actor,
  subjectOf = ({ subject }) => subject,
  prepare,
  steps,
}: ApplicationJob<Prepared>): Job => ({
  name,
  on,
  async run(event, work) {
    const prepared = (await prepare?.(event, work)) as Prepared // undefined only without `prepare`
    await work.database.db.transaction(async (tx) => {
      const isIts = eq(applications.id, subjectOf(event))
      let [application] = await tx.select().from(applications).where(isIts).for('update')
      if (!application) return
      for (const { action, at, change } of await steps({ tx, application, event, work, prepared })) {
        const { facts, process } = await loadCase(tx, application)
        const transition = transitionOfSystem(action, facts, at)
        if (!transition) return
        const changed = await change(application, process)
        const moved = { application, facts, transition, at, recordedAt: work.now(), actor, ...changed }
        application = await move(tx, work.keyring, moved)
      }
    })
  },
})
