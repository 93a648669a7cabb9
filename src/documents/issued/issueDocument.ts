import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
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
import { signClaims, signerOf } from './signClaims.js'

/** A command passes its context; a job passes its own actor. */
export interface Issuing {
  tx: Transaction
  context: Pick<Context, 'keyring' | 'now' | 'signingKeys'> & { caller: Pick<Caller, 'id'> }
}

export interface ToIssue {
  kind: DocumentKind
  /** The holder, whose key encrypts it. */
  partyId: string
  /** Further parties to which it is issued. */
  others?: readonly string[]
  /** The agency that decided, that handles the application, or that is paid. */
  agencyId?: string
  /** ID of the application, or of the charge that was paid. */
  subjectId: string
  /** Code of the service. Holders of a mandate for this service only can see the document. */
  serviceCode?: string
  claims: ClaimsContent
  /** The series, if the law requires numbers without gaps. The number is assigned after the commit. */
  series?: string
}

const letters: Record<DocumentKind, string> = {
  [DocumentKind.APPLICATION_RECEIPT]: 'R',
  [DocumentKind.DECISION]: 'D',
  [DocumentKind.FILING_RECEIPT]: 'N',
  [DocumentKind.PAYMENT_RECEIPT]: 'Q',
}

/**
 * Issues a document, in the transaction that changes its subject and after the subject was locked. An application receipt is
 * signed here. The worker signs the others: it alone has the keys of agencies, and a payment receipt is signed with its number
 * in a series. The PDF follows.
 */
export async function issueDocument(issuing: Issuing, issued: ToIssue): Promise<Issued> {
  const [made] = await issueDocuments(issuing, issued.partyId, [issued])
  return made as Issued // one for each
}

interface Issued {
  id: string
  number: string
}
/** Issues several documents to one holder, in as many statements as one. */
export async function issueDocuments(
  issuing: Issuing,
  partyId: string,
  toIssue: readonly Omit<ToIssue, 'partyId'>[],
): Promise<Issued[]> {
  const { tx, context } = issuing
  const issuedAt = context.now()
  const key = await keyToEncrypt(tx, context.keyring, partyId)
  const [holder, agencyCodes] = [await holderOf(tx, key), await agencyCodesOf(tx, toIssue)]
  const serials = await tx.execute<{ serial: string }>(
    sql`select nextval('document_numbers') as serial from generate_series(1, ${toIssue.length}::int)`,
  )
  const made = await Promise.all(
    toIssue.map(async (issued, at) => {
      const { kind, subjectId, others = [], series = null, serviceCode = null, agencyId = null } = issued
      const [id, code, number] = [v7(), newCode(), documentNumber(kind, issuedAt, serials[at]?.serial)]
      const agency = agencyId ? agencyCodes.get(agencyId) : undefined
      const claims = { ...holder, ...claimsOf(issued, { number, partyId, issuedAt, agency, context }) }
      const signed = kind === DocumentKind.APPLICATION_RECEIPT ? await signedAsReceipt(claims, context.signingKeys) : {}
      const codeIndex = indexed(context.keyring, issuedDocuments.codeIndex, readCode(code))
      const plain = { id, number, kind, partyId, agencyId, subjectId, serviceCode, issuedAt, series, claims, code }
      const row = encrypt(key, issuedDocuments, { ...plain, codeIndex, ...signed })
      return { id, number, subjectId, agencyId, row, parties: [partyId, ...others] }
    }),
  )
  await tx.insert(issuedDocuments).values(made.map(({ row }) => row))
  await tx
    .insert(documentParties)
    .values(made.flatMap(({ id, parties }) => parties.map((party) => ({ documentId: id, partyId: party, issuedAt }))))
  await record(
    tx,
    made.map(({ id, agencyId, subjectId }) => ({
      domain: 'documents',
      type: 'document.issued',
      subject: id,
      partyId,
      at: issuedAt,
      actor: context.caller.id,
      ids: { about: subjectId },
      ...(agencyId && { agencyId }),
    })),
  )
  return made.map(({ id, number }) => ({ id, number }))
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

const documentNumber = (kind: DocumentKind, issuedAt: Date, serial = '') =>
  numberOf(letters[kind], Number(legalDate(issuedAt).slice(0, 4)), BigInt(serial))

async function agencyCodesOf(tx: Transaction, toIssue: readonly Pick<ToIssue, 'agencyId'>[]) {
  const ids = [...new Set(toIssue.flatMap(({ agencyId }) => agencyId ?? []))]
  const { id, code } = agencies
  const rows = ids.length > 0 ? await tx.select({ id, code }).from(agencies).where(inArray(id, ids)) : []
  return new Map(rows.map((row) => [row.id, row.code]))
}

interface Stamp extends Pick<Issuing, 'context'> {
  number: string
  partyId: string
  issuedAt: Date
  agency: string | undefined
}
function claimsOf(issued: Omit<ToIssue, 'partyId'>, { number, partyId, issuedAt, agency, context }: Stamp): Claims {
  const { kind, agencyId, claims: content } = issued
  if (kind === DocumentKind.DECISION && !agencyId) throw new Error('a decision must be of an agency; none was named')
  if (agencyId && !agency) throw new Error(`a document must be of an agency that is there; ${agencyId} is not`)
  return {
    ...content,
    number,
    kind,
    issuedAt: issuedAt.toISOString(),
    party: partyId,
    actor: context.caller.id,
    ...(agency && { agency }),
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
  const own = await signingKeys.current(signerOf(claims))
  return { signature: await signClaims(claims, own), keyId: own.id }
}
