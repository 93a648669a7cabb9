import { eq } from 'drizzle-orm'
import { Automation, ResultKind, serviceVersions } from '../catalogue/serviceVersion.table.js'
import type { Job } from '../events/job.js'
import { TermUnit } from '../shared/termUnit.table.js'
import { move } from './application.repository.js'
import { ApplicationState, applications } from './application.table.js'
import { processOf } from './form.repository.js'
import { dueAfter, findTerm, runTerm } from './term.js'

/** What came is entered by itself: from here its term runs. One that was taken back meanwhile is left as it is. */
export const registerApplication: Job = {
  name: 'registerApplication',
  on: ['application.submitted', 'application.confirmed', 'application.paid'],
  run: ({ subject }, { database, keyring, now }) =>
    database.db.transaction(async (tx) => {
      const [application] = await tx.select().from(applications).where(eq(applications.id, subject)).for('update')
      if (application?.state !== ApplicationState.SUBMITTED) return
      const at = now()
      const [term, process] = [await findTerm(tx, application.versionId), await processOf(tx, application.versionId)]
      const due = term && (await dueAfter(tx, at, term))
      const waits =
        process.waitingValue !== null && process.waitingUnit !== null
          ? await dueAfter(tx, at, { value: process.waitingValue, unit: process.waitingUnit })
          : undefined
      await runTerm(tx, application, due)
      await move(tx, keyring, {
        ...{ application, to: ApplicationState.REGISTERED, event: 'application.registered', at, actor: 'register' },
        ...(due && { due: { dueOn: due.dueOn, reason: 'term.registered' } }),
        set: {
          ...{ registeredAt: at, dueOn: due?.dueOn ?? null, dueAt: due?.dueAt ?? null },
          notBefore: waits?.dueAt ?? null,
        },
      })
    }),
}

/** A filing that is only to be acknowledged, by machine and at once. */
export async function isAcknowledged(tx: Parameters<typeof findTerm>[0], versionId: string): Promise<boolean> {
  const [version] = await tx.select().from(serviceVersions).where(eq(serviceVersions.id, versionId))
  const term = await findTerm(tx, versionId)
  const acknowledges = [ResultKind.ACKNOWLEDGEMENT, ResultKind.RECEIPT]
  return (
    version?.automation === Automation.FULL && acknowledges.includes(version.result) && term?.unit === TermUnit.INSTANT
  )
}
