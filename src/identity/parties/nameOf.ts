import { eq } from 'drizzle-orm'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { particulars } from './particulars.table.js'
import { unwrapped } from './party.js'
import { parties } from './party.table.js'

/** The name of a party. Undefined if it is unknown, or the party was forgotten. */
export async function nameOf(tx: Transaction, keyring: Keyring, partyId: string): Promise<string | undefined> {
  const { id, name } = particulars
  const [found] = await tx
    .select({ row: { id, name }, party: { id: parties.id, key: parties.key, wrappedBy: parties.wrappedBy } })
    .from(particulars)
    .innerJoin(parties, eq(parties.id, particulars.partyId))
    .where(eq(particulars.partyId, partyId))
  if (!found?.party.key) return undefined
  return decrypt(unwrapped(keyring, found.party), particulars, found.row).name ?? undefined
}
