import { and, eq, isNull, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../agencies/agency.table.js'
import { record } from '../../events/record.js'
import { particulars } from '../../identity/parties/particulars.table.js'
import { keyToEncrypt } from '../../identity/parties/party.js'
import { decrypt, type EncryptionKey, encrypt, indexed } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { newCode, readCode } from '../../shared/code.js'
import type { Caller, Context } from '../../shared/context.js'
import { numberOf } from '../../shared/number.js'
import type { SigningKeys } from '../../shared/signingKeys.js'
import { legalDate } from '../../shared/time.js'
import type { Claims, ClaimsContent } from './claims.js'
import { documentParties } from './documentParty.table.js'
import { DocumentKind, issuedDocuments } from './issuedDocument.table.js'
import { signClaims } from './signClaims.js'

/** A command passes its context; a job passes its own actor. */
interface Issuing {
  tx: Transaction
  context: Pick<Context, 'keyring' | 'now' | 'signingKeys'> & { caller: Pick<Caller, 'id'> }
}

export interface ToIssue {
  kind: DocumentKind
  /** The holder, whose key encrypts it. */
  partyId: string
  /** Further parties to which it is issued. */
  others?: readonly string[]
  /** The agency that decided, or that handles the application. */
  agencyId?: string
  /** ID of the application. */
  subjectId: string
  /** Code of the service. Holders of a mandate for this service only can see the document. */
  serviceCode?: string
  claims: ClaimsContent
  /** The series, if the law requires numbers without gaps. The number is assigned after the commit. */
  series?: string
}

const letters: Record<DocumentKind, string> = { [DocumentKind.APPLICATION_RECEIPT]: 'R', [DocumentKind.DECISION]: 'D' }

/**
 * Issues a document, in the transaction that changes its subject and after the subject was locked. A receipt is signed here. A
 * decision is signed by the worker, which alone has the keys of agencies. The PDF and the series number follow.
 */
export async function issueDocument(issuing: Issuing, issued: ToIssue): Promise<{ id: string; number: string }> {
  const { tx, context } = issuing
  const { kind, partyId, others = [], subjectId, series = null, serviceCode = null, agencyId = null } = issued
  const issuedAt = context.now()
  const [id, code] = [v7(), newCode()]
  const key = await keyToEncrypt(tx, context.keyring, partyId)
  const claims = { ...(await holderOf(tx, key)), ...(await claimsOf(issuing, issued, issuedAt)) }
  const signed = kind === DocumentKind.APPLICATION_RECEIPT ? await signedAsReceipt(claims, context.signingKeys) : {}
  await tx.insert(issuedDocuments).values(
    encrypt(key, issuedDocuments, {
      id,
      number: claims.number,
      kind,
      partyId,
      agencyId,
      subjectId,
      serviceCode,
      issuedAt,
      series,
      claims,
      code,
      codeIndex: indexed(context.keyring, issuedDocuments.codeIndex, readCode(code)),
      ...signed,
    }),
  )
  await tx
    .insert(documentParties)
    .values([partyId, ...others].map((party) => ({ documentId: id, partyId: party, issuedAt })))
  await record(tx, [
    {
      domain: 'documents',
      type: 'document.issued',
      subject: id,
      partyId,
      at: issuedAt,
      actor: context.caller.id,
      ids: { about: subjectId },
      ...(agencyId && { agencyId }),
    },
  ])
  return { id, number: claims.number }
}

/** Issues the documents about a subject that count to one more party. */
export async function issueToo(tx: Transaction, subjectId: string, party: string): Promise<void> {
  const issued = await tx.select().from(issuedDocuments).where(countsFor(subjectId))
  const rows = issued.map(({ id, issuedAt }) => ({ documentId: id, partyId: party, issuedAt }))
  if (rows.length > 0) await tx.insert(documentParties).values(rows)
}

/** Revokes the documents about a subject. They stay genuine, but count no more. */
export async function revokeDocuments(tx: Transaction, subjectId: string, revokedAt: Date): Promise<void> {
  await tx.update(issuedDocuments).set({ revokedAt }).where(countsFor(subjectId))
}
const countsFor = (subjectId: string) =>
  and(eq(issuedDocuments.subjectId, subjectId), isNull(issuedDocuments.revokedAt))

async function claimsOf({ tx, context }: Issuing, issued: ToIssue, issuedAt: Date): Promise<Claims> {
  const { kind, partyId, agencyId, claims: content } = issued
  if (kind === DocumentKind.DECISION && !agencyId) throw new Error('a decision must be of an agency; none was named')
  const [agency] = agencyId
    ? await tx.select({ code: agencies.code }).from(agencies).where(eq(agencies.id, agencyId))
    : []
  if (agencyId && !agency) throw new Error(`a document must be of an agency that is there; ${agencyId} is not`)
  const [next] = await tx.execute<{ serial: string }>(sql`select nextval('document_numbers') as serial`)
  const number = numberOf(letters[kind], Number(legalDate(issuedAt).slice(0, 4)), BigInt(next?.serial ?? ''))
  return {
    ...content,
    number,
    kind,
    issuedAt: issuedAt.toISOString(),
    party: partyId,
    actor: context.caller.id,
    ...(agency && { agency: agency.code }),
    ...(context.signingKeys.isSandbox && { sandbox: true }),
  }
}

/** The name of the party, if known. */
async function holderOf(tx: Transaction, key: EncryptionKey): Promise<Pick<ClaimsContent, 'holder'>> {
  const { id, name, partyId } = particulars
  const [row] = await tx.select({ id, name }).from(particulars).where(eq(partyId, key.party))
  const holder = row && decrypt(key, particulars, row).name
  return holder ? { holder } : {}
}

async function signedAsReceipt(claims: Claims, signingKeys: SigningKeys) {
  const own = await signingKeys.current({ receipts: true })
  return { signature: await signClaims(claims, own), keyId: own.id }
}
