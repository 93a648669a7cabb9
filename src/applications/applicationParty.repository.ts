import { and, eq, isNotNull } from 'drizzle-orm'
import type { Transaction } from '../platform/seeding.js'
import { applicationParties } from './applicationParty.table.js'

/** Those who have confirmed an application. */
export async function coApplicantsOf(tx: Transaction, application: string): Promise<string[]> {
  const { applicationId, partyId, confirmedAt } = applicationParties
  const rows = await tx
    .select({ partyId })
    .from(applicationParties)
    .where(and(eq(applicationId, application), isNotNull(confirmedAt)))
  return rows.flatMap(({ partyId }) => partyId ?? [])
}
