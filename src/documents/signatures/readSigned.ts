import canonicalize from 'canonicalize'
import { compactVerify } from 'jose'
import type { PublishedKey, SigningKeys } from '../../shared/signingKeys.js'
import type { Claims } from '../issued/claims.js'
import { DocumentKind } from '../issued/issuedDocument.table.js'
import { algorithmOf, signerOf, typeOf } from '../issued/signClaims.js'

/** Why a text is not a document signed by this installation. */
export type NotSigned = 'MALFORMED' | 'UNKNOWN_KEY' | 'FORGED'

/** Longest JWS, in characters. Ours are much shorter. */
const longest = 100_000

/** The claims of a signed document, if a signing key entitled to sign it has signed it. Retired keys count. */
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
  // The cast: only Claims are signed with this type.
  return isSigned && canonicalize(claims) === textIn(parts[1] as string) ? (claims as unknown as Claims) : 'FORGED'
}

const mayBeSigned = (kind: DocumentKind, { agency }: Record<string, unknown>, { owner }: PublishedKey): boolean => {
  const signer = signerOf({ kind, agency: String(agency) })
  return 'agency' in signer ? 'agency' in owner && owner.agency === signer.agency : 'receipts' in owner
}

/** Canonical base64url only. Another text that decodes to the same bytes is not the signed text. */
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
