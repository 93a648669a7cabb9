import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { and, asc, desc, eq, isNotNull } from 'drizzle-orm'
import { requiredDocuments } from '../../catalogue/services/requiredDocument.table.js'
import { serviceVersions } from '../../catalogue/services/serviceVersion.table.js'
import { uploads } from '../../documents/uploads/upload.table.js'
import type { Acting } from '../../events/commandKeys.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import { identifiersOf, isNamedBy } from '../../identity/parties/identifiers.js'
import { namesOf } from '../../identity/parties/nameOf.js'
import { findSealMandate, requireHighAssurance } from '../../identity/parties/seal.js'
import type { PartyKey } from '../../platform/personal.js'
import { ownPartyOf } from '../../shared/context.js'
import type { Believed } from '../../shared/trust.js'
import { applicationParties } from '../applicationParty.table.js'
import { attachments } from '../attachments/attachment.table.js'
import type { Draft } from '../drafts/filledLater.js'
import { personIn } from '../timelineEntry.table.js'
import { applicationSignatures } from './applicationSignature.table.js'

/**
 * Why the certificate does not fit. Its person must be the caller, and its organisation the party that signs. A certificate
 * without a person is a seal, which only its holder may use.
 */
export async function strangerIn(
  acting: Acting,
  party: string,
  { fin, voen }: Believed,
): Promise<'fin' | 'voen' | 'seal' | undefined> {
  const { tx, context } = acting
  const { keyring, caller } = context
  const own = ownPartyOf(caller)
  if (fin && !(await isNamedBy(tx, keyring, own, { type: IdentifierType.FIN, value: fin }))) return 'fin'
  if (voen && !(await isNamedBy(tx, keyring, party, { type: IdentifierType.VOEN, value: voen }))) return 'voen'
  if (fin) return undefined
  if (!(await findSealMandate(acting, party))) return 'seal'
  requireHighAssurance(acting)
  return undefined
}

/** The signatures over the present content: who made them, and the hash of each, in the same order. */
export async function signaturesOf({ tx, context }: Acting, applicationId: string) {
  const { id, applicationId: of, partyId, sha256, actor } = applicationSignatures
  const counts = and(
    eq(applicationParties.applicationId, of),
    eq(applicationParties.partyId, partyId),
    isNotNull(applicationParties.signedAt),
  )
  const last = await tx
    .selectDistinctOn([partyId], { id, sha256, actor })
    .from(applicationSignatures)
    .innerJoin(applicationParties, counts)
    .where(eq(of, applicationId))
    .orderBy(partyId, desc(id))
  const rows = last.sort((one, next) => (one.id < next.id ? -1 : 1))
  const names = await namesOf(
    tx,
    context.keyring,
    rows.map(({ actor }) => personIn(actor)),
  )
  return {
    signedBy: rows.map(({ actor }) => names.get(personIn(actor)) ?? actor),
    signaturesSha256: rows.map((row) => row.sha256.toString('hex')),
  }
}

export const sha256Of = (text: string): Buffer => createHash('sha256').update(text).digest()
/** Of the canonical form. */
export const answersSha256 = ({ answers }: Pick<Draft, 'answers'>): Buffer => sha256Of(canonicalize(answers) ?? '')

/** The payload to sign: the same for all who sign, until the content changes. The application must be locked. */
export async function payloadOf({ tx, context }: Acting, key: PartyKey, draft: Draft): Promise<string> {
  const { number, serviceCode, versionId, partyId } = draft
  const [version] = await tx
    .select({ number: serviceVersions.number })
    .from(serviceVersions)
    .where(eq(serviceVersions.id, versionId))
  const payload = {
    application: number,
    service: serviceCode,
    version: version?.number,
    applicant: { party: partyId, identifiers: await identifiersOf(tx, key) },
    answersSha256: answersSha256(draft).toString('hex'),
    attachments: await filesOf(tx, draft),
    ...(context.signingKeys.isSandbox && { sandbox: true }),
  }
  return canonicalize(payload) as string // undefined only for a non-object
}

/** Each file with the code of the required document that it is, as `saveDraft` takes them. */
export async function filesOf(tx: Acting['tx'], { id }: Pick<Draft, 'id'>) {
  const files = await tx
    .select({ sha256: uploads.sha256, document: requiredDocuments.code })
    .from(attachments)
    .innerJoin(uploads, eq(uploads.id, attachments.uploadId))
    .leftJoin(requiredDocuments, eq(requiredDocuments.id, attachments.requiredDocumentId))
    .where(eq(attachments.applicationId, id))
    .orderBy(asc(attachments.attachedAt), asc(attachments.id))
  return files.map(({ sha256, document }) => ({ sha256: sha256.toString('hex'), document }))
}
