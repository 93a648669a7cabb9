import { and, eq, sql } from 'drizzle-orm'
import { processes } from '../../catalogue/services/process.table.js'
import { serviceVersions } from '../../catalogue/services/serviceVersion.table.js'
import { usualProcess } from '../../catalogue/services/usualProcess.js'
import { processingTerms, TermPurpose } from '../../catalogue/tariffs/processingTerm.table.js'
import { officerTerm } from '../../catalogue/tariffs/term.rules.js'
import { clearDeadline, setDeadline } from '../../events/deadlines.js'
import type { Transaction } from '../../platform/seeding.js'
import { type Deadline, resumedDeadline } from '../../shared/deadline.rules.js'
import { calendarFrom, type Term } from '../../shared/dueAfter.js'
import { legalDate } from '../../shared/time.js'
import type { applications } from '../application.table.js'
import { appeals } from '../decisions/appeal.table.js'
import { decisions } from '../decisions/decision.table.js'
import type { ChangeOfDue, DueReason } from '../timelineEntry.table.js'
import { applicationTransfers } from '../transfers/applicationTransfer.table.js'

type Application = typeof applications.$inferSelect

export const draftExpires = 'application.draft_expires'
/** Not all co-applicants have confirmed in time. */
export const confirmationOver = 'application.confirmation_over'
/** The agency has not decided in time. */
export const termOver = 'application.term_over'
/** The applicant has not responded in time. */
export const requestOver = 'application.request_over'
/** What is due was not paid in time. */
export const paymentOver = 'application.payment_over'
/** Registries are asked about declared answers again. */
export const registriesAgain = 'application.registries_again'
/** All deadlines of an application. */
export const deadlinesOf = [draftExpires, confirmationOver, termOver, requestOver, paymentOver, registriesAgain]

/** The term of an application: that of its tariff, of an appeal that is not decided, or after a transfer. */
export async function findTerm(
  tx: Transaction,
  application: Pick<Application, 'id' | 'versionId' | 'tariffId'>,
): Promise<Term | undefined> {
  const { tariffId } = application
  const own = await findOwnTerm(tx, application)
  if (own || tariffId === null) return own
  const { value, unit, purpose } = processingTerms
  const [found] = await tx
    .select({ value, unit })
    .from(processingTerms)
    .where(and(eq(processingTerms.tariffId, tariffId), eq(purpose, TermPurpose.DECISION)))
  if (!found || found.value === null) return undefined
  return officerTerm({ value: found.value, unit: found.unit })
}

/** The term of an appeal that is not decided, or after a transfer. Undefined if the term of the service applies. */
async function findOwnTerm(tx: Transaction, { id, versionId }: Pick<Application, 'id' | 'versionId'>) {
  const last = sql`(select id from ${decisions} where application_id = ${id} order by at desc, id desc limit 1)`
  const [found] = await tx
    .select({
      process: processes,
      isAppealed: sql<boolean>`exists (select from ${appeals} where decision_id = ${last})`,
      isTransferred: sql<boolean>`exists (
        select from ${applicationTransfers} where application_id = ${id} and kind in ('COMPETENCE', 'ADDRESSEE'))`,
    })
    .from(serviceVersions)
    .leftJoin(processes, eq(processes.versionId, serviceVersions.id))
    .where(eq(serviceVersions.id, versionId))
  const process = found?.process ?? usualProcess
  const own = found?.isAppealed
    ? { value: process.appealValue, unit: process.appealUnit }
    : found?.isTransferred
      ? { value: process.transferValue, unit: process.transferUnit }
      : undefined
  return own?.value && own.unit ? { value: own.value, unit: own.unit } : undefined
}

/** The end of a term. Undefined if it is unknown, or outside the loaded calendar. */
export type Due = Pick<Deadline, 'dueOn' | 'dueAt'> | undefined

/** The end of a paused term that continues at that moment. */
export async function resumed(tx: Transaction, application: Application, at: Date): Promise<Due> {
  const { dueOn, dueAt, pausedAt } = application
  const term = await findTerm(tx, application)
  if (!dueOn || !dueAt || !pausedAt || !term) return undefined
  const calendar = await calendarFrom(tx, legalDate(pausedAt))
  const due = resumedDeadline(calendar, { dueOn, dueAt, pausedAt }, at, term.unit)
  return 'refused' in due ? undefined : due
}

/** The change of the term for the timeline. Undefined if nothing changes. */
export const changeOfDue = ({ dueOn }: Application, due: Due, reason: DueReason): ChangeOfDue | undefined =>
  due ? { dueOn: due.dueOn, reason } : dueOn ? { dueOn: null, reason: 'term.beyond_calendar' } : undefined

/** Sets the deadline of the term, or clears it. */
export async function runTerm(tx: Transaction, application: Application, due: Due): Promise<void> {
  if (due) await setDeadline(tx, { ...subjectOf(application), type: termOver, dueAt: due.dueAt })
  else await clearDeadline(tx, termOver, application.id)
}

/** The application as the subject of deadlines and events. */
export const subjectOf = ({
  id,
  partyId,
  agencyId,
  serviceCode,
}: Pick<Application, 'id' | 'partyId' | 'agencyId' | 'serviceCode'>) => ({
  domain: 'applications',
  subject: id,
  partyId,
  agencyId,
  serviceCode,
})

/** The assigned officer, for an event that notifies them. */
export const officerOf = ({ officerId }: Pick<Application, 'officerId'>): Record<string, string> =>
  officerId ? { officer: officerId } : {}
