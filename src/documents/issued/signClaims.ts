import { type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import canonicalize from 'canonicalize'
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

// Of Node itself, off the thread, in half the time of jose: a batch signs thousands of receipts.
const signAside = promisify(sign)
const part = (text: string) => Buffer.from(text).toString('base64url')

/** Signs the canonical claims (RFC 8785) as a compact JWS. */
export async function signClaims(claims: Claims, { id, key }: SigningKey): Promise<string> {
  const header = { alg: algorithmOf(key), kid: id, typ: typeOf[claims.kind] }
  const signed = `${part(JSON.stringify(header))}.${part(canonicalize(claims) as string)}` // claims are an object
  const signature = await signAside('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}
