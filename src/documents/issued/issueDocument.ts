import { and, eq, inArray, isNull } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../agencies/agency.table.js'
import { type Happened, record } from '../../events/record.js'
import { namesOf } from '../../identity/parties/nameOf.js'
import { keysToEncrypt, PartyForgotten } from '../../identity/parties/party.js'
import { insertRows } from '../../platform/insertRows.js'
import { type EncryptionKey, encrypt, indexed } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { newCode, readCode } from '../../shared/code.js'
import type { Caller, Context } from '../../shared/context.js'
import { nextSerials, numberAt } from '../../shared/number.js'
import type { SigningKeys } from '../../shared/signingKeys.js'
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

/** Receipts of the platform that need no number in a series. */
const signedAtOnce: ReadonlySet<DocumentKind> = new Set([DocumentKind.APPLICATION_RECEIPT, DocumentKind.FILING_RECEIPT])

/**
 * Issues a document, in the transaction that changes its subject and after the subject was locked. The receipts of applications
 * and filings are signed here, and printed when somebody wants them. The worker completes the others at once: it alone has the
 * keys of agencies, and a payment receipt is signed with its number in a series.
 */
export async function issueDocument(issuing: Issuing, issued: ToIssue): Promise<Issued> {
  const [made] = await issueDocuments(issuing, [issued])
  return made as Issued // one for each
}

interface Issued {
  id: string
  number: string
}
/** A party whose documents are encrypted under its key, and its name if known. */
export interface Holder {
  key: EncryptionKey
  name: string | undefined
}
/** What the caller has read already. */
interface Known {
  /** Locked, each with its key. */
  holders?: ReadonlyMap<string, Holder>
  /** Codes of agencies by ID. */
  agencies?: ReadonlyMap<string, string>
  /** One for each document, in the same order. */
  serials?: readonly { document_numbers: string }[]
  /** Events of the caller that come first. */
  happened?: readonly Happened[]
}
/** Issues several documents, in as many statements as one. Throws `PartyForgotten` if a holder was forgotten. */
export async function issueDocuments(
  issuing: Issuing,
  toIssue: readonly ToIssue[],
  known: Known = {},
): Promise<Issued[]> {
  const { tx, context } = issuing
  const issuedAt = context.now()
  const holders = known.holders ?? (await holdersOf(issuing, [...new Set(toIssue.map(({ partyId }) => partyId))]))
  const agencyCodes = known.agencies ?? (await agencyCodesOf(tx, toIssue))
  const serials = known.serials ?? (await nextSerials(tx, ['document_numbers'], toIssue.length))
  const made = await Promise.all(
    toIssue.map(async (issued, at) => {
      const { kind, partyId, subjectId, others = [], series = null, serviceCode = null, agencyId = null } = issued
      const { key, name } = holders.get(partyId) ?? forgotten(partyId)
      const { document_numbers: serial } = serials[at] as (typeof serials)[number] // one for each
      const [id, code, number] = [v7(), newCode(), numberAt(letters[kind], issuedAt, serial)]
      const agency = agencyId ? agencyCodes.get(agencyId) : undefined
      const claims = { ...(name && { holder: name }), ...claimsOf(issued, { number, issuedAt, agency, context }) }
      const signed = signedAtOnce.has(kind) ? await signedAsReceipt(claims, context.signingKeys) : {}
      const isComplete = signedAtOnce.has(kind) && series === null
      const codeIndex = indexed(context.keyring, issuedDocuments.codeIndex, readCode(code))
      const plain = { id, number, kind, partyId, agencyId, subjectId, serviceCode, issuedAt, series, claims, code }
      const pdfRequestedAt = isComplete ? null : issuedAt
      const row = encrypt(key, issuedDocuments, { ...plain, codeIndex, ...signed, pdfRequestedAt })
      return { id, number, issued, isComplete, row, parties: [partyId, ...others] }
    }),
  )
  await tx.execute(
    insertRows(
      issuedDocuments,
      made.map(({ row }) => row),
    ),
  )
  await tx.execute(
    insertRows(
      documentParties,
      made.flatMap(({ id, parties }) => parties.map((party) => ({ documentId: id, partyId: party, issuedAt }))),
    ),
  )
  const events = made.map(({ id, isComplete, issued: { partyId, agencyId, subjectId, serviceCode } }) => ({
    domain: 'documents',
    type: isComplete ? 'receipt.issued' : 'document.issued',
    subject: id,
    partyId,
    at: issuedAt,
    actor: context.caller.id,
    ids: { about: subjectId },
    ...(agencyId && { agencyId }),
    ...(serviceCode && { serviceCode }),
  }))
  await record(tx, [...(known.happened ?? []), ...events])
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

async function agencyCodesOf(tx: Transaction, toIssue: readonly Pick<ToIssue, 'agencyId'>[]) {
  const ids = [...new Set(toIssue.flatMap(({ agencyId }) => agencyId ?? []))]
  const { id, code } = agencies
  const rows = ids.length > 0 ? await tx.select({ id, code }).from(agencies).where(inArray(id, ids)) : []
  return new Map(rows.map((row) => [row.id, row.code]))
}

interface Stamp extends Pick<Issuing, 'context'> {
  number: string
  issuedAt: Date
  agency: string | undefined
}
function claimsOf(issued: ToIssue, { number, issuedAt, agency, context }: Stamp): Claims {
  const { kind, partyId, agencyId, claims: content } = issued
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

/** Forgotten parties are missing. */
async function holdersOf({ tx, context }: Issuing, ids: readonly string[]): Promise<ReadonlyMap<string, Holder>> {
  const keys = await keysToEncrypt(tx, context.keyring, ids)
  const names = await namesOf(tx, context.keyring, ids)
  return new Map([...keys].map(([id, key]) => [id, { key, name: names.get(id) }]))
}

function forgotten(party: string): never {
  throw new PartyForgotten(party)
}

async function signedAsReceipt(claims: Claims, signingKeys: SigningKeys) {
  const own = await signingKeys.current(signerOf(claims))
  return { signature: await signClaims(claims, own), keyId: own.id }
}
