import { and, eq, not } from 'drizzle-orm'
import { usualTerms } from '../../catalogue/services/usualProcess.js'
import { FeeDue } from '../../catalogue/tariffs/fee.table.js'
import { processingTerms, TermPurpose } from '../../catalogue/tariffs/processingTerm.table.js'
import { clearDeadline, setDeadline } from '../../events/deadlines.js'
import type { Transaction } from '../../platform/seeding.js'
import { dueAfter, type Term } from '../../shared/dueAfter.js'
import type { Moved } from '../application.repository.js'
import type { ApplicationState } from '../application.table.js'
import { paymentOver, subjectOf } from '../casework/term.js'
import { Action, paying } from '../transition.rules.js'
import { applicationFees } from './applicationFee.table.js'
import { isPaid } from './charges.js'
import { owedIn } from './settleTariff.js'

/**
 * The last moment to pay in the next state, with its deadline. Null if a payment is awaited no more, undefined if nothing
 * changes. The term of the decision is paused meanwhile: none runs in these states.
 */
export async function payByOf(
  tx: Transaction,
  { application, facts, transition, at, recordedAt = at, set }: Moved,
  to: ApplicationState,
): Promise<Date | null | undefined> {
  const { id, state, tariffId, payBy } = application
  const awaited = paying[to]
  if (!awaited || facts.owed[awaited] !== 'AMOUNT') {
    if (!payBy) return undefined
    await clearDeadline(tx, paymentOver, id)
    return null
  }
  const due = dueAnew({ application: { state }, facts, transition }, to)
  if (!due) return undefined
  const purpose = due === FeeDue.AT_HANDOVER ? TermPurpose.COLLECTION : TermPurpose.PAYMENT
  const deadline = await dueAfter(tx, recordedAt, await findTimeToPay(tx, tariffId, purpose))
  if (!deadline) return null // outside the loaded calendar nothing lapses
  // An approval on appeal returns the application to the agency that decided first.
  const moved = { ...application, ...set }
  await setDeadline(tx, { ...subjectOf(moved), type: paymentOver, dueAt: deadline.dueAt })
  return deadline.dueAt
}

/** What becomes payable with the move to the next state, or with its assessment. */
export function dueAnew(
  {
    application: { state },
    facts,
    transition,
  }: Pick<Moved, 'facts' | 'transition'> & { application: { state: ApplicationState } },
  to: ApplicationState,
): FeeDue | undefined {
  const due = paying[to]
  const isNew = to !== state || transition.action === Action.ASSESS
  return due && isNew && facts.owed[due] === 'AMOUNT' ? due : undefined
}

/** The last moment to pay an approval that is made now. Undefined if nothing is due then, or its amount is unknown. */
export async function payByAfterApproval(
  tx: Transaction,
  { id, tariffId }: Pick<Moved['application'], 'id' | 'tariffId'>,
  now: Date,
): Promise<Date | undefined> {
  const { applicationId, due, amount } = applicationFees
  const unpaid = await tx
    .select({ due, amount })
    .from(applicationFees)
    .where(and(eq(applicationId, id), not(isPaid)))
  if (owedIn(unpaid)[FeeDue.AFTER_APPROVAL] !== 'AMOUNT') return undefined
  return (await dueAfter(tx, now, await findTimeToPay(tx, tariffId, TermPurpose.PAYMENT)))?.dueAt
}

async function findTimeToPay(
  tx: Transaction,
  tariffId: string | null,
  purpose: TermPurpose.PAYMENT | TermPurpose.COLLECTION,
): Promise<Term> {
  const { value, unit } = processingTerms
  const [found] = tariffId
    ? await tx
        .select({ value, unit })
        .from(processingTerms)
        .where(and(eq(processingTerms.tariffId, tariffId), eq(processingTerms.purpose, purpose)))
    : []
  return found && found.value !== null ? { value: found.value, unit: found.unit } : usualTerms[purpose]
}
