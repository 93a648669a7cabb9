import type { KeyObject } from 'node:crypto'
import canonicalize from 'canonicalize'
import { CompactSign } from 'jose'
import type { KeyOwner, SigningKey } from '../../shared/signingKeys.js'
import type { Claims } from './claims.js'
import { DocumentKind } from './issuedDocument.table.js'

/** The type keeps a document of one kind from being accepted as another. */
export const typeOf: Record<DocumentKind, string> = {
  [DocumentKind.APPLICATION_RECEIPT]: 'pencere-application-receipt+jwt',
  [DocumentKind.DECISION]: 'pencere-decision+jwt',
  [DocumentKind.FILING_RECEIPT]: 'pencere-filing-receipt+jwt',
  [DocumentKind.PAYMENT_RECEIPT]: 'pencere-payment-receipt+jwt',
}

/** Whose key signs it: an agency its own decisions, the platform all receipts. */
export const signerOf = ({ kind, agency = '' }: Pick<Claims, 'kind' | 'agency'>): KeyOwner =>
  kind === DocumentKind.DECISION ? { agency } : { receipts: true }

/** The algorithm by kind of key. JWS and PDF signatures both support these. */
export const algorithmOf = (key: KeyObject): 'ES256' | 'RS256' => (key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256')

/** Signs the canonical claims (RFC 8785) as a compact JWS. */
export async function signClaims(claims: Claims, { id, key }: SigningKey): Promise<string> {
  const text = canonicalize(claims) as string // claims are an object
  return await new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: algorithmOf(key), kid: id, typ: typeOf[claims.kind] })
    .sign(key)
}
