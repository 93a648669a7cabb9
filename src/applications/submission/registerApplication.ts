import { and, desc, eq, isNull, ne, or } from 'drizzle-orm'
import { dueOf } from '../../catalogue/tariffs/term.rules.js'
import type { Transaction } from '../../platform/seeding.js'
import { calendarFrom } from '../../shared/dueAfter.js'
import { legalDate } from '../../shared/time.js'
import type { Application } from '../application.repository.js'
import { ApplicationState } from '../application.table.js'
import { applicationJob } from '../applicationJob.js'
import { type Due, findTerm, runTerm } from '../casework/term.js'
import type { Process } from '../drafts/form.repository.js'
import { timelineEntries } from '../timelineEntry.table.js'
import { TransferKind } from '../transfers/applicationTransfer.table.js'
import { findAddressee, transferTo } from '../transfers/transfer.repository.js'
import { Action } from '../transition.rules.js'

/**
 * Registers a received or transferred application. The term counts from the receipt or the transfer, so that a late worker
 * costs nobody a day. If the applicant has named another agency, transfers the application there first. Does nothing for an
 * application that was withdrawn.
 */
export const registerApplication = applicationJob({
  name: 'registerApplication',
  on: [
    'application.submitted',
    'application.confirmed',
    'application.signed',
    'application.paid',
    'application.fee_assessed',
    'application.transferred',
  ],
  actor: 'register',
  async steps({ tx, application: received, work }) {
    const at = work.now()
    const to = await findAddressee({ tx, keyring: work.keyring }, received)
    const cameAt = (await findMomentOfArrival(tx, received)) ?? at
    // A transfer neither prolongs the waiting period nor shortens it.
    const waitsFrom =
      received.state === ApplicationState.TRANSFERRED
        ? ((await findMomentOfArrival(tx, { ...received, state: ApplicationState.SUBMITTED })) ?? received.submittedAt)
        : null
    const transfer = async () =>
      await transferTo({ tx, keyring: work.keyring }, received, { kind: TransferKind.ADDRESSEE, to: to as string, at })
    const register = async (application: Application, process: Process) => {
      const { due, notBefore } = await termFrom(tx, application, process, cameAt, waitsFrom ?? cameAt)
      await runTerm(tx, application, due)
      return {
        due: due && { dueOn: due.dueOn, reason: 'term.registered' as const },
        set: { registeredAt: at, dueOn: due?.dueOn ?? null, dueAt: due?.dueAt ?? null, notBefore },
      }
    }
    return [
      ...(to === undefined ? [] : [{ action: Action.TRANSFER, at, change: transfer }]),
      { action: Action.REGISTER, at, change: register },
    ]
  },
})

/** The end of the term of an application that came at that moment, and of its waiting period. */
export async function termFrom(
  tx: Transaction,
  application: Parameters<typeof findTerm>[1],
  process: Process,
  cameAt: Date,
  waitsFrom = cameAt,
): Promise<{ due: Due; notBefore: Date | null }> {
  const calendar = await calendarFrom(tx, legalDate(waitsFrom < cameAt ? waitsFrom : cameAt))
  return dueOf(calendar, { cameAt, waitsFrom }, await findTerm(tx, application), process)
}

/** When it was submitted and, if required, confirmed and paid; or transferred. */
async function findMomentOfArrival(tx: Transaction, { id, state }: Application): Promise<Date | undefined> {
  const { at, fromState, toState, applicationId } = timelineEntries
  const [found] = await tx
    .select({ at })
    .from(timelineEntries)
    .where(and(eq(applicationId, id), eq(toState, state), or(isNull(fromState), ne(fromState, state))))
    .orderBy(desc(at))
    .limit(1)
  return found?.at
}
