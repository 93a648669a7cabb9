import { and, eq, exists, gt, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import type { Acting } from '../../events/commandKeys.js'
import { decrypt } from '../../platform/personal.js'
import { MandateKind, mandates } from '../mandates/mandate.table.js'
import type { Capacity } from '../mandates/powers.rules.js'
import { particulars } from './particulars.table.js'
import { unwrapped } from './party.js'
import { parties } from './party.table.js'

/** Condition: mandates in force at that moment. */
export const isInForce = (at: Date) =>
  and(isNull(mandates.revokedAt), lte(mandates.validFrom, at), or(isNull(mandates.validTo), gt(mandates.validTo, at)))

/** By the IDs of parties. An unknown party has no facts. */
export async function capacitiesOf(
  { tx, context: { keyring, now } }: Acting,
  ids: readonly string[],
): Promise<(id: string) => Capacity> {
  const { principalId, kind } = mandates
  const guardians = tx
    .select({ id: mandates.id })
    .from(mandates)
    .where(and(eq(principalId, parties.id), eq(kind, MandateKind.GUARDIAN), isInForce(now())))
  const rows = await tx
    .select({ party: parties, known: particulars, isWard: sql<boolean>`${exists(guardians)}` })
    .from(parties)
    .leftJoin(particulars, eq(particulars.partyId, parties.id))
    .where(inArray(parties.id, [...ids]))
  const known = new Map(
    rows.map(({ party, known, isWard }) => {
      const birthDate = known && party.key ? decrypt(unwrapped(keyring, party), particulars, known).birthDate : null
      return [party.id, { birthDate, isWard }]
    }),
  )
  return (id) => known.get(id) ?? { birthDate: null, isWard: false }
}
