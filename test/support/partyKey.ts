import { keysOf } from '../../src/identity/parties/party.js'
import type { Database } from '../../src/platform/database.js'
import type { Keyring } from '../../src/platform/keyring.js'
import type { EncryptionKey } from '../../src/platform/personal.js'

const known = new Map<string, EncryptionKey>()
/** The key of a party, read once, under which a test inserts rows. No test forgets a party while it inserts for it. */
export async function keyOfParty(
  { db }: Pick<Database, 'db'>,
  keyring: Keyring,
  party: string,
): Promise<EncryptionKey> {
  const found = known.get(party) ?? (await keysOf({ db }, keyring, [party])).get(party)
  if (!found) throw new Error(`a party is required to encrypt for; ${party} is none`)
  const key = found as EncryptionKey // whose party stays
  known.set(party, key)
  return key
}
