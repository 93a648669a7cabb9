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
/** Not all co-applicants have confirmed in time. */
export const confirmationOver = 'application.confirmation_over'
/** The agency has not decided in time. */
export const termOver = 'application.term_over'
/** The applicant has not responded in time. */
export const requestOver = 'application.request_over'
/** Registries are asked about declared answers again. */
export const registriesAgain = 'application.registries_again'
/** All deadlines of an application. */
export const deadlinesOf = [draftExpires, confirmationOver, termOver, requestOver, registriesAgain]

/**
 * The term of a version: its first known variant. INSTANT comes last, because it is for automated decisions, and another
 * variant is for those of an officer.
 */
export async function findTerm(tx: Transaction, versionId: string): Promise<Term | undefined> {
  const [found] = await tx
    .select({ value: processingTerms.value, unit: processingTerms.unit })
    .from(processingTerms)
    .where(and(eq(processingTerms.versionId, versionId), isNotNull(processingTerms.value)))
    .orderBy(sql`${processingTerms.unit} = 'INSTANT'`, asc(processingTerms.position))
    .limit(1)
  return found && { value: found.value as number, unit: found.unit } // the condition excludes null
}

/** The end of a term. Undefined if it is unknown, or outside the loaded calendar. */
export type Due = Pick<Deadline, 'dueOn' | 'dueAt'> | undefined

/** The end of a paused term that continues at that moment. */
export async function resumed(tx: Transaction, application: Application, at: Date): Promise<Due> {
  const { dueOn, dueAt, pausedAt, versionId } = application
  const term = await findTerm(tx, versionId)
  if (!dueOn || !dueAt || !pausedAt || !term) return undefined
  const calendar = await calendarFrom(tx, legalDate(pausedAt))
  const due = resumedDeadline(calendar, { dueOn, dueAt, pausedAt }, at, term.unit)
  return 'refused' in due ? undefined : due
}

/** The change of the term for the timeline. Undefined if nothing changes. */
export const changeOfDue = ({ dueOn }: Application, due: Due, reason: string) =>
  due ? { dueOn: due.dueOn, reason } : dueOn ? { dueOn: null, reason: 'term.beyond_calendar' } : undefined

/** Sets the deadline of the term, or clears it. */
export async function runTerm(tx: Transaction, application: Application, due: Due): Promise<void> {
  if (due) await setDeadline(tx, { ...subjectOf(application), type: termOver, dueAt: due.dueAt })
  else await clearDeadline(tx, termOver, application.id)
}

/** The application as the subject of deadlines and events. */
export const subjectOf = ({ id, partyId, agencyId }: Pick<Application, 'id' | 'partyId' | 'agencyId'>) => ({
  domain: 'applications',
  subject: id,
  partyId,
  agencyId,
})

/** The assigned officer, for an event that notifies them. */
export const officerOf = ({ officerId }: Pick<Application, 'officerId'>): Record<string, string> =>
  officerId ? { officer: officerId } : {}
