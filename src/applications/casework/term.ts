import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
import { processingTerms } from '../../catalogue/services/processingTerm.table.js'
import { clearDeadline, setDeadline } from '../../events/deadlines.js'
import type { Transaction } from '../../platform/seeding.js'
import { type Deadline, resumedDeadline } from '../../shared/deadline.rules.js'
import { calendarFrom, type Term } from '../../shared/dueAfter.js'
import { legalDate } from '../../shared/time.js'
import type { applications } from '../application.table.js'

type Application = typeof applications.$inferSelect

export const draftExpires = 'application.draft_expires'
/** Those who were invited have not all confirmed it. */
export const confirmationOver = 'application.confirmation_over'
/** The agency has not decided in time. */
export const termOver = 'application.term_over'
/** The applicant has not given what was asked for. */
export const requestOver = 'application.request_over'
/** What may become of an application by itself, at its time. */
export const deadlinesOf = [draftExpires, confirmationOver, termOver, requestOver]

/**
 * The term of a version: of its variants the first that is known. At once is what an agency gives by itself; where another
 * is told too, that is for what somebody looks at.
 */
export async function findTerm(tx: Transaction, versionId: string): Promise<Term | undefined> {
  const [found] = await tx
    .select({ value: processingTerms.value, unit: processingTerms.unit })
    .from(processingTerms)
    .where(and(eq(processingTerms.versionId, versionId), isNotNull(processingTerms.value)))
    .orderBy(sql`${processingTerms.unit} = 'INSTANT'`, asc(processingTerms.position))
    .limit(1)
  return found && { value: found.value as number, unit: found.unit } // none is null among these
}

/** What of a term is told of an application; null where none is known, or the calendar does not reach so far. */
export type Due = Pick<Deadline, 'dueOn' | 'dueAt'> | undefined

/** The term of an application that stood still runs again from then on. */
export async function resumed(tx: Transaction, application: Application, at: Date): Promise<Due> {
  const { dueOn, dueAt, pausedAt, versionId } = application
  const term = await findTerm(tx, versionId)
  if (!dueOn || !dueAt || !pausedAt || !term) return undefined
  const calendar = await calendarFrom(tx, legalDate(pausedAt))
  const due = resumedDeadline(calendar, { dueOn, dueAt, pausedAt }, at, term.unit)
  return 'refused' in due ? undefined : due
}

/** For the timeline: when it is due from now on, or that nobody can say so any more. */
export const changeOfDue = ({ dueOn }: Application, due: Due, reason: string) =>
  due ? { dueOn: due.dueOn, reason } : dueOn ? { dueOn: null, reason: 'term.beyond_calendar' } : undefined

/** Its term is that one from now on, or none. */
export async function runTerm(tx: Transaction, application: Application, due: Due): Promise<void> {
  if (due) await setDeadline(tx, { ...subjectOf(application), type: termOver, dueAt: due.dueAt })
  else await clearDeadline(tx, termOver, application.id)
}

/** As deadlines and events name it. */
export const subjectOf = ({ id, partyId, agencyId }: Pick<Application, 'id' | 'partyId' | 'agencyId'>) => ({
  domain: 'applications',
  subject: id,
  partyId,
  agencyId,
})
