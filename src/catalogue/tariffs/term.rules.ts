import type { Calendar } from '../../shared/calendar.js'
import { dueIn, type Term } from '../../shared/dueAfter.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { type ProcessContent, usualTerm } from '../services/usualProcess.js'

/** The term of an application. An officer decides it, so INSTANT, which is for filings and payments, means the usual term. */
export const officerTerm = (term: Term): Term => (term.unit === TermUnit.INSTANT ? usualTerm : term)

const aDay = { value: 1, unit: TermUnit.WORKING_DAY }

/** The end of the term of an application, and of its waiting period, which may have begun before a transfer. */
export function dueOf(
  calendar: Calendar,
  { cameAt, waitsFrom = cameAt }: { cameAt: Date; waitsFrom?: Date },
  term: Term | undefined,
  { waitingValue, waitingUnit }: Pick<ProcessContent, 'waitingValue' | 'waitingUnit'>,
) {
  const waits =
    waitingValue !== null && waitingUnit !== null
      ? dueIn(calendar, waitsFrom, { value: waitingValue, unit: waitingUnit })
      : undefined
  const own = term && dueIn(calendar, cameAt, term)
  // Otherwise the term could end before a decision is allowed.
  const due = own && waits && own.dueAt <= waits.dueAt ? dueIn(calendar, waits.dueAt, aDay) : own
  return { due, notBefore: waits?.dueAt ?? null }
}
