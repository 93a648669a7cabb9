import { and, eq, inArray, isNotNull } from 'drizzle-orm'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { particulars } from './particulars.table.js'
import { unwrapped } from './party.js'
import { parties } from './party.table.js'

/** The name of a party. Undefined if it is unknown, or the party was forgotten. */
export const nameOf = async (tx: Transaction, keyring: Keyring, partyId: string): Promise<string | undefined> =>
  (await namesOf(tx, keyring, [partyId])).get(partyId)

/** Names by party. */
export async function namesOf(
  tx: Transaction,
  keyring: Keyring,
  partyIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { id, name, partyId } = particulars
  const found = await tx
    .select({
      of: partyId,
      row: { id, name },
      party: { id: parties.id, key: parties.key, wrappedBy: parties.wrappedBy },
    })
    .from(particulars)
    .innerJoin(parties, eq(parties.id, partyId))
    .where(and(inArray(partyId, [...partyIds]), isNotNull(parties.key)))
  return new Map(
    found.flatMap(({ of, row, party }) => {
      const { name } = decrypt(unwrapped(keyring, party), particulars, row)
      return name ? [[of, name] as const] : []
    }),
  )
}
