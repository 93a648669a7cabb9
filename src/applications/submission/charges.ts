import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm'
import { type FeeDue, fees } from '../../catalogue/tariffs/fee.table.js'
import { cancelCharges, expireCharges, type Recorded, raiseCharges } from '../../payments/charges/charge.repository.js'
import { ChargeState, ChargeSubject, charges } from '../../payments/charges/charge.table.js'
import type { Keyring } from '../../platform/keyring.js'
import type { Transaction } from '../../platform/seeding.js'
import { type applications, ApplicationState as State } from '../application.table.js'
import { applicationFees } from './applicationFee.table.js'

type Application = typeof applications.$inferSelect

interface Raised extends Recorded {
  due: FeeDue
  payBy: Date | null
}
/** Raises a charge in each currency for what is due now. The fees refer to their charge. */
export async function raiseChargesFor(
  tx: Transaction,
  keyring: Keyring,
  { id: subjectId, number: reference, partyId, agencyId, serviceCode }: Application,
  { due, payBy, ...recorded }: Raised,
): Promise<void> {
  const areDue = and(
    eq(applicationFees.applicationId, subjectId),
    eq(applicationFees.due, due),
    gt(applicationFees.amount, 0n),
    isNull(applicationFees.chargeId),
  )
  const lines = await tx
    .select({ amount: applicationFees.amount, currency: applicationFees.currency, fee: fees })
    .from(applicationFees)
    .innerJoin(fees, eq(fees.id, applicationFees.feeId))
    .where(areDue)
    .orderBy(asc(applicationFees.position))
  const charged = { subjectType: ChargeSubject.APPLICATION, subjectId, reference }
  const about = { ...charged, partyId, agencyId, serviceCode, due, payBy }
  const wanted = [...new Set(lines.map(({ currency }) => currency))].map((currency) => ({
    ...about,
    currency,
    lines: lines
      .filter((line) => line.currency === currency)
      .map(({ amount, fee: { name, kind, budgetClassification, budgetLevel, budgetOrganisation } }) => ({
        name,
        kind,
        amount: amount as bigint, // greater than 0
        budgetClassification,
        budgetLevel,
        budgetOrganisation,
      })),
  }))
  for (const { id: chargeId, currency } of await raiseCharges(tx, keyring, wanted, recorded))
    await tx
      .update(applicationFees)
      .set({ chargeId })
      .where(and(areDue, eq(applicationFees.currency, currency)))
}

/** Whether the charge of a fee is paid. */
export const isPaid = sql`exists (
  select from ${charges} where ${charges.id} = ${applicationFees.chargeId} and ${charges.state} = ${ChargeState.PAID})`

/** How open charges end with an application: not paid in time, or not owed any more. */
const ending: Partial<Record<State, typeof cancelCharges>> = {
  [State.EXPIRED]: expireCharges,
  [State.LAPSED]: expireCharges,
  [State.WITHDRAWN]: cancelCharges,
  [State.REFUSED]: cancelCharges,
  [State.DISCONTINUED]: cancelCharges,
}
/** Ends the open charges of an application that has ended. */
export const endChargesFor = async (tx: Transaction, { id, state }: Application, recorded: Recorded): Promise<void> => {
  await ending[state]?.(tx, id, recorded)
}
