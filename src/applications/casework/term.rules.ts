import { Automation, ResultKind } from '../../catalogue/services/serviceVersion.table.js'
import { usualTerm } from '../../catalogue/services/usualProcess.js'
import type { Term } from '../../shared/dueAfter.js'
import { TermUnit } from '../../shared/termUnit.table.js'

/** What the term of an application depends on. */
export interface TermFacts {
  automation: Automation
  result: ResultKind
  /** Whether no answer is `DECLARED`. */
  isSettled: boolean
}

/**
 * The term of an application, from the known terms of its version. INSTANT only if the system completes it: the service is fully
 * automated and only acknowledges, and the answers are settled. An officer has the first other term, or else the usual one.
 * Undefined if no term is known.
 */
export function termOf({ automation, result, isSettled }: TermFacts, terms: readonly Term[]): Term | undefined {
  const [first] = terms
  const forOfficer = terms.find(({ unit }) => unit !== TermUnit.INSTANT)
  if (forOfficer || !first) return forOfficer
  const acknowledges = result === ResultKind.ACKNOWLEDGEMENT || result === ResultKind.RECEIPT
  return automation === Automation.FULL && acknowledges && isSettled ? first : usualTerm
}
