import { eq, inArray } from 'drizzle-orm'
import { unwrapped } from '../../identity/parties/party.js'
import { parties } from '../../identity/parties/party.table.js'
import { decrypt } from '../../platform/personal.js'
import type { Context } from '../../shared/context.js'
import { issuedDocuments } from './issuedDocument.table.js'

interface Opened {
  code: string
  signature: string | null
}

/** Decrypts the documents of a page, in one statement. Omits parties whose data was erased. */
export async function openedOf(
  ids: readonly string[],
  { database: { db }, keyring }: Context,
): Promise<(Opened | null)[]> {
  const { id, code, signature } = issuedDocuments
  const rows = await db
    .select({ row: { id, code, signature }, party: { id: parties.id, key: parties.key, wrappedBy: parties.wrappedBy } })
    .from(issuedDocuments)
    .innerJoin(parties, eq(parties.id, issuedDocuments.partyId))
    .where(inArray(id, [...ids]))
  const known = new Map(rows.map((found) => [found.row.id, found]))
  return ids.map((id) => {
    const found = known.get(id)
    return found?.party.key ? decrypt(unwrapped(keyring, found.party), issuedDocuments, found.row) : null
  })
}
