import { and, asc, eq } from 'drizzle-orm'
import type { Transaction } from '../../platform/seeding.js'
import { dueAfter } from '../../shared/dueAfter.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { ApplicationState } from '../application.table.js'
import { applicationJob } from '../applicationJob.js'
import { type Due, findTerm, runTerm } from '../casework/term.js'
import { type Process, processOf } from '../drafts/form.repository.js'
import { timelineEntries } from '../timelineEntry.table.js'
import { Action } from '../transition.rules.js'

/**
 * Registers a received application. The term counts from the receipt, so that a late worker costs nobody a day. Does nothing
 * for an application that was withdrawn.
 */
export const registerApplication = applicationJob({
  name: 'registerApplication',
  on: ['application.submitted', 'application.confirmed', 'application.signed', 'application.paid'],
  actor: 'register',
  async steps({ tx, application, work }) {
    const at = work.now()
    const register = async () => {
      const process = await processOf(tx, application.versionId)
      const cameAt = (await findMomentOfReceipt(tx, application.id)) ?? at
      const { due, notBefore } = await termFrom(tx, application, process, cameAt)
      await runTerm(tx, application, due)
      return {
        due: due && { dueOn: due.dueOn, reason: 'term.registered' },
        set: { registeredAt: at, dueOn: due?.dueOn ?? null, dueAt: due?.dueAt ?? null, notBefore },
      }
    }
    return [{ action: Action.REGISTER, at, change: register }]
  },
})

const aDay = { value: 1, unit: TermUnit.WORKING_DAY }

/** The end of the term of an application that came at that moment, and of its waiting period. */
export async function termFrom(
  tx: Transaction,
  application: Parameters<typeof findTerm>[1],
  { waitingValue, waitingUnit }: Process,
  cameAt: Date,
): Promise<{ due: Due; notBefore: Date | null }> {
  const term = await findTerm(tx, application)
  const waits =
    waitingValue !== null && waitingUnit !== null
      ? await dueAfter(tx, cameAt, { value: waitingValue, unit: waitingUnit })
      : undefined
  const own = term && (await dueAfter(tx, cameAt, term))
  // Otherwise the term could end before a decision is allowed.
  const due = own && waits && own.dueAt <= waits.dueAt ? await dueAfter(tx, waits.dueAt, aDay) : own
  return { due, notBefore: waits?.dueAt ?? null }
}

/** When it was submitted and, if required, confirmed and paid. */
async function findMomentOfReceipt(tx: Transaction, applicationId: string): Promise<Date | undefined> {
  const { at, toState, applicationId: of } = timelineEntries
  const [found] = await tx
    .select({ at })
    .from(timelineEntries)
    .where(and(eq(of, applicationId), eq(toState, ApplicationState.SUBMITTED)))
    .orderBy(asc(at))
    .limit(1)
  return found?.at
}
