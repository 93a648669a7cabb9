import canonicalize from 'canonicalize'
import { compactVerify } from 'jose'
import type { PublishedKey, SigningKeys } from '../../shared/signingKeys.js'
import type { Claims } from '../issued/claims.js'
import { DocumentKind } from '../issued/issuedDocument.table.js'
import { algorithmOf, typeOf } from '../issued/signClaims.js'

/** Why a text is not a document that was signed here. */
export type NotSigned = 'MALFORMED' | 'UNKNOWN_KEY' | 'FORGED'

/** Characters of a JWS: none of ours comes near. */
const longest = 100_000

/** What a signed document says, if it was signed by a signing key of ours that may sign it: a retired one too. */
export async function readSigned(
  jws: string,
  signingKeys: Pick<SigningKeys, 'published'>,
): Promise<Claims | NotSigned> {
  const parts = jws.split('.')
  const header = jws.length <= longest && parts.length === 3 && parts.every(isWritten) && jsonIn(parts[0] as string)
  const claims = header && jsonIn(parts[1] as string)
  if (!header || !claims) return 'MALFORMED'
  const signingKey = (await signingKeys.published()).find(({ id }) => id === header.kid)
  if (!signingKey) return 'UNKNOWN_KEY'
  const kind = Object.values(DocumentKind).find((kind) => kind === claims.kind && typeOf[kind] === header.typ)
  if (!kind || !mayBeSigned(kind, claims, signingKey)) return 'FORGED'
  const { publicKey } = signingKey.chain[0]
  const options = { algorithms: [algorithmOf(publicKey)] }
  const isSigned = await compactVerify(jws, publicKey, options).then(
    () => true,
    () => false,
  )
  // The cast: only what is Claims is signed under such a type.
  return isSigned && canonicalize(claims) === textIn(parts[1] as string) ? (claims as unknown as Claims) : 'FORGED'
}

/** Of the platform its receipts, of an agency its own decisions, and nothing else. */
const mayBeSigned = (kind: DocumentKind, { agency }: Record<string, unknown>, { owner }: PublishedKey): boolean =>
  kind === DocumentKind.APPLICATION_RECEIPT ? 'receipts' in owner : 'agency' in owner && owner.agency === agency

/** In the one way that base64url writes it: what decodes to the same is another text, and not the one that was signed. */
const isWritten = (part: string) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part
const textIn = (part: string) => Buffer.from(part, 'base64url').toString()

function jsonIn(part: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(textIn(part))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
