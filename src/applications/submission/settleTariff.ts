import { and, asc, eq, not } from 'drizzle-orm'
import type { FormNode } from '../../catalogue/forms/form.fields.js'
import type { Audience } from '../../catalogue/services/service.table.js'
import { FeeDue, fees } from '../../catalogue/tariffs/fee.table.js'
import { possibleTariffs } from '../../catalogue/tariffs/tariff.rules.js'
import { tariffs } from '../../catalogue/tariffs/tariff.table.js'
import type { Transaction } from '../../platform/seeding.js'
import type { Version } from '../drafts/form.repository.js'
import type { Owed } from '../transition.rules.js'
import { applicationFees } from './applicationFee.table.js'
import { isPaid } from './charges.js'

interface Settling {
  version: Pick<Version, 'id' | 'birthDates'>
  form: FormNode
  answers: Record<string, unknown>
  /** The kind of applicant as which the party applies. */
  applicant: Audience | undefined
  today: string
}
interface Settled {
  tariffId: string
  owed: Owed
  lines: Omit<typeof applicationFees.$inferInsert, 'applicationId'>[]
}

/** Finds the tariff of a complete application, and what is to be paid. */
export async function settleTariff(
  tx: Transaction,
  { version, form, answers, applicant, today }: Settling,
): Promise<Settled> {
  const all = await tx.select().from(tariffs).where(eq(tariffs.versionId, version.id)).orderBy(asc(tariffs.position))
  const situation = { answers, applicant, today, isComplete: true }
  const [tariff, other] = possibleTariffs(all, form, version.birthDates, situation)
  // The version was checked for it when it was published.
  if (!tariff || other) throw new Error(`exactly one tariff of the version ${version.id} must fit an application`)
  const lines = await linesOf(tx, tariff.id)
  return { tariffId: tariff.id, owed: owedIn(lines), lines }
}

async function linesOf(
  tx: Transaction,
  tariffId: string,
): Promise<(Settled['lines'][number] & { amount: bigint | null })[]> {
  const rows = await tx.select().from(fees).where(eq(fees.tariffId, tariffId)).orderBy(asc(fees.position))
  return rows.flatMap(({ id: feeId, position, amount, per, currency, due }) =>
    // A price per page is not the amount.
    due === null ? [] : [{ feeId, position, amount: per === null ? amount : null, currency, due }],
  )
}

/**
 * The tariff after a transfer to a service with another form, whose answers cannot tell several tariffs apart: the usual one comes
 * first, and its amounts are assessed. The application was registered, so nothing is due before that again.
 */
export async function settleTransferred(tx: Transaction, versionId: string): Promise<Omit<Settled, 'owed'>> {
  const of = eq(tariffs.versionId, versionId)
  const [usual, other] = await tx.select({ id: tariffs.id }).from(tariffs).where(of).orderBy(asc(tariffs.position))
  if (!usual) throw new Error(`the version ${versionId} must have a tariff; it has none`)
  const lines = (await linesOf(tx, usual.id)).map((line) => ({
    ...line,
    amount: other && line.amount !== 0n ? null : line.amount,
    due: line.due === FeeDue.BEFORE_REGISTRATION ? FeeDue.AFTER_APPROVAL : line.due,
  }))
  return { tariffId: usual.id, lines }
}

/** Writes what is to be paid, instead of what was to be paid before. What was paid stays. */
export async function writeFees(tx: Transaction, applicationId: string, { lines }: Pick<Settled, 'lines'>) {
  await tx.delete(applicationFees).where(and(eq(applicationFees.applicationId, applicationId), not(isPaid)))
  if (lines.length > 0) await tx.insert(applicationFees).values(lines.map((line) => ({ ...line, applicationId })))
}

/** What is owed, without amounts of 0. */
export const owedIn = (lines: readonly { due: FeeDue; amount: bigint | null }[]): Owed => {
  const owed: Owed = {}
  for (const { due, amount } of lines)
    if (amount === null) owed[due] = 'UNKNOWN'
    else if (amount > 0n) owed[due] ??= 'AMOUNT'
  return owed
}
