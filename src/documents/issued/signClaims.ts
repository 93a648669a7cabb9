import type { KeyObject } from 'node:crypto'
import canonicalize from 'canonicalize'
import { CompactSign } from 'jose'
import type { SigningKey } from '../../shared/signingKeys.js'
import type { Claims } from './claims.js'
import { DocumentKind } from './issuedDocument.table.js'

/** So that what is of one kind is taken for no other, whatever its claims say. */
export const typeOf: Record<DocumentKind, string> = {
  [DocumentKind.APPLICATION_RECEIPT]: 'pencere-application-receipt+jwt',
  [DocumentKind.DECISION]: 'pencere-decision+jwt',
}

/** By kind of key, what JWS and PDF both take. */
export const algorithmOf = (key: KeyObject): 'ES256' | 'RS256' => (key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256')

/** A JWS in its compact form over the claims in their canonical form (RFC 8785). */
export async function signClaims(claims: Claims, { id, key }: SigningKey): Promise<string> {
  const text = canonicalize(claims) as string // of an object
  return await new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: algorithmOf(key), kid: id, typ: typeOf[claims.kind] })
    .sign(key)
}
