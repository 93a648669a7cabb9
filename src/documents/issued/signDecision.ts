import { and, eq, isNull } from 'drizzle-orm'
import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'
import { keyToEncrypt, PartyForgotten } from '../../identity/parties/party.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import { issuedDocuments } from './issuedDocument.table.js'
import { signClaims } from './signClaims.js'

/** By the key of its agency, where it has no signature yet. What was forgotten before that is never signed. */
export async function signDecision({ database, keyring, signingKeys }: Work, id: string): Promise<void> {
  const isUnsigned = and(eq(issuedDocuments.id, id), isNull(issuedDocuments.signature))
  await withRetries(() =>
    database.db.transaction(async (tx) => {
      const [row] = await tx.select().from(issuedDocuments).where(isUnsigned)
      const key = row && (await keyToEncrypt(tx, keyring, row.partyId).catch(forgotten))
      if (!key) return
      const { claims } = decrypt(key, issuedDocuments, { id, claims: row.claims })
      // Sealed with the row, so of the agency that it was issued for, whatever its columns say.
      const { agency = '' } = claims
      const own = await signingKeys.current({ agency })
      const signature = await signClaims(claims, own)
      const signed = encrypt(key, issuedDocuments, { id, partyId: row.partyId, signature, keyId: own.id })
      // Another worker may have been quicker; then that signature counts.
      await tx.update(issuedDocuments).set({ signature: signed.signature, keyId: signed.keyId }).where(isUnsigned)
    }),
  )
  await failpoint('document.signed')
}

function forgotten(error: unknown): undefined {
  if (!(error instanceof PartyForgotten)) throw error
}
