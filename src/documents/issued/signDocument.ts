import { and, eq, isNull } from 'drizzle-orm'
import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'
import { keyToEncrypt, PartyForgotten } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import { issuedDocuments } from './issuedDocument.table.js'
import { signClaims, signerOf } from './signClaims.js'

/**
 * Signs a document with the key of its agency or of the platform, once and after it got its number in a series, which is signed
 * too. A document whose party's data was erased is never signed.
 */
export async function signDocument({ database, keyring, signingKeys }: Work, id: string): Promise<void> {
  const isUnsigned = and(eq(issuedDocuments.id, id), isNull(issuedDocuments.signature))
  await withRetries(() =>
    database.db.transaction(async (tx) => {
      const [row] = await tx.select().from(issuedDocuments).where(isUnsigned)
      const key = row && (await keyToEncrypt(tx, keyring, row.partyId).catch(forgotten))
      if (!key) return
      const { claims } = decrypt(key, issuedDocuments, { id, claims: row.claims })
      // The agency comes from the encrypted claims, which nobody can change in the row.
      const own = await signingKeys.current(signerOf(claims))
      const signature = await signClaims({ ...claims, ...numberOf(row) }, own)
      const signed = encrypt(key, issuedDocuments, { id, partyId: row.partyId, signature, keyId: own.id })
      // If another worker was faster, its signature stays.
      await tx.update(issuedDocuments).set({ signature: signed.signature, keyId: signed.keyId }).where(isUnsigned)
    }),
  )
  await failpoint('document.signed')
}

const numberOf = ({ id, series, seriesNumber }: typeof issuedDocuments.$inferSelect) => {
  if (series === null) return {}
  if (seriesNumber === null) throw new Error(`the document ${id} must be numbered before it is signed; it is not`)
  return { series: { name: series, number: seriesNumber } }
}

function forgotten(error: unknown): undefined {
  if (!(error instanceof PartyForgotten)) throw error
}
