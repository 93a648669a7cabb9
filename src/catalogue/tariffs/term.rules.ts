import type { Calendar } from '../../shared/calendar.js'
import { dueIn, type Term } from '../../shared/dueAfter.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { Automation, ResultKind } from '../services/serviceVersion.table.js'
import { type ProcessContent, usualTerm } from '../services/usualProcess.js'

/** What the term of an application depends on. */
export interface TermFacts {
  automation: Automation
  result: ResultKind
  /** Whether no answer is `DECLARED`. */
  isSettled: boolean
}

/**
 * The term of an application, from that of its tariff. INSTANT only if the system completes it: the service is fully automated
 * and only acknowledges, and the answers are settled. Otherwise an officer has the usual one.
 */
export function termOf({ automation, result, isSettled }: TermFacts, term: Term): Term {
  if (term.unit !== TermUnit.INSTANT) return term
  const acknowledges = result === ResultKind.ACKNOWLEDGEMENT || result === ResultKind.RECEIPT
  return automation === Automation.FULL && acknowledges && isSettled ? term : usualTerm
}

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
