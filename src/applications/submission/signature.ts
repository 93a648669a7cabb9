import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { asc, desc, eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { requiredDocuments } from '../../catalogue/services/requiredDocument.table.js'
import { uploads } from '../../documents/uploads/upload.table.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { Power } from '../../identity/mandates/mandate.table.js'
import { authorityOver } from '../../identity/mandates/powers.js'
import { IdentifierType } from '../../identity/parties/identifier.table.js'
import { identifiersOf, isNamedBy } from '../../identity/parties/identifiers.js'
import { findSealMandate, requireHighAssurance } from '../../identity/parties/seal.js'
import { type EncryptionKey, encrypt, indexed, type PartyKey } from '../../platform/personal.js'
import { ownPartyOf } from '../../shared/context.js'

import type { Believed, Disbelieved } from '../../shared/trust.js'
import { attachments } from '../attachments/attachment.table.js'
import type { Draft } from '../drafts/filledLater.js'
import type { Version } from '../drafts/form.repository.js'
import { timelineEntries } from '../timelineEntry.table.js'
import { applicationSignatures } from './applicationSignature.table.js'
import { refusalOf, signatureMissing } from './signature.errors.js'

/** The mandates under which the caller signs for the applicant. Throws FORBIDDEN without the power SIGN. */
export const mandatesToSign = async (acting: Acting, { partyId, serviceCode }: Draft): Promise<readonly string[]> => {
  const wanted = { power: Power.SIGN, service: serviceCode, scope: 'filings:write' } as const
  return (await authorityOver(acting, partyId, wanted)).mandates
}

interface Signing {
  key: EncryptionKey
  draft: Draft
  version: Version
  signed: Believed | Disbelieved | null
}
interface Signature {
  userErrors: UserError[]
  mandates: readonly string[]
  /** Only if the signature is valid. */
  good?: { payload: string; signed: Believed }
}

/** Checks a signature, or whether one is required. */
export async function signatureOn(acting: Acting, { key, draft, version, signed }: Signing): Promise<Signature> {
  const refuse = (userError: UserError): Signature => ({ userErrors: [userError], mandates: [] })
  if (!signed) return version.signatureRequired ? refuse(signatureMissing) : { userErrors: [], mandates: [] }
  const mandates = await mandatesToSign(acting, draft)
  if ('refused' in signed) return refuse(refusalOf(signed))
  const payload = await payloadOf(acting, key, draft, version)
  if (!(await signed.isOver(payload))) return refuse(refusalOf({ refused: 'not_of_this', why: 'payload' }))
  const stranger = await strangerIn(acting, draft, signed)
  if (stranger) return refuse(refusalOf({ refused: 'wrong_person', why: stranger }))
  return { userErrors: [], mandates, good: { payload, signed } }
}

/**
 * Why the certificate does not fit. Its person must be the caller, and its organisation the applicant. A certificate without a
 * person is a seal, which only its holder may use.
 */
async function strangerIn(
  acting: Acting,
  { partyId }: Draft,
  { fin, voen }: Believed,
): Promise<'fin' | 'voen' | 'seal' | undefined> {
  const { tx, context } = acting
  const { keyring, caller } = context
  const own = ownPartyOf(caller)
  if (fin && !(await isNamedBy(tx, keyring, own, { type: IdentifierType.FIN, value: fin }))) return 'fin'
  if (voen && !(await isNamedBy(tx, keyring, partyId, { type: IdentifierType.VOEN, value: voen }))) return 'voen'
  if (fin) return undefined
  if (!(await findSealMandate(acting, partyId))) return 'seal'
  requireHighAssurance(acting)
  return undefined
}

/** Stores the signature with its payload, so that it can be verified alone. Returns the hash of the given signature. */
export async function keepSignature(
  { tx, context }: Acting,
  {
    key,
    draft,
    given,
    signature,
    at,
  }: { key: EncryptionKey; draft: Draft; given?: string | null; signature: Signature; at: Date },
): Promise<string | undefined> {
  if (!signature.good || given == null) return undefined
  const { payload, signed } = signature.good
  const certificateIndex = indexed(context.keyring, applicationSignatures.certificateIndex, signed.certificate)
  await tx.insert(applicationSignatures).values(
    encrypt(key, applicationSignatures, {
      id: v7(),
      applicationId: draft.id,
      partyId: draft.partyId,
      signature: signed.withPayload(payload),
      certificateIndex,
      actor: context.caller.id,
      at,
    }),
  )
  return sha256Of(given).toString('hex')
}

export const sha256Of = (text: string): Buffer => createHash('sha256').update(text).digest()
/** Of the canonical form. */
export const answersSha256 = ({ answers }: Pick<Draft, 'answers'>): Buffer => sha256Of(canonicalize(answers) ?? '')

/** The payload to sign. The application must be locked. */
export async function payloadOf(
  { tx, context }: Acting,
  key: PartyKey,
  draft: Draft,
  version: { number: number },
): Promise<string> {
  const { id, number, serviceCode, partyId, revision } = draft
  const payload = {
    application: number,
    revision,
    at: (await savedAt(tx, id)).toISOString(),
    service: serviceCode,
    version: version.number,
    applicant: { party: partyId, identifiers: await identifiersOf(tx, key) },
    answersSha256: answersSha256(draft).toString('hex'),
    attachments: await filesOf(tx, draft),
    ...(context.signingKeys.isSandbox && { sandbox: true }),
  }
  return canonicalize(payload) as string // undefined only for a non-object
}

/** When the draft was last saved. */
async function savedAt(tx: Acting['tx'], applicationId: string): Promise<Date> {
  const { at, id } = timelineEntries
  const [last] = await tx
    .select({ at })
    .from(timelineEntries)
    .where(eq(timelineEntries.applicationId, applicationId))
    .orderBy(desc(at), desc(id))
    .limit(1)
  if (!last) throw new Error(`an application must have a timeline; ${applicationId} has none`)
  return last.at
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
