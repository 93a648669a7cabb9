import { createHash } from 'node:crypto'
import { and, eq, isNotNull, isNull } from 'drizzle-orm'
import { agencies } from '../../agencies/agency.table.js'
import { failpoint } from '../../engine/failpoint.js'
import type { Work } from '../../events/job.js'
import { record } from '../../events/record.js'
import { unwrapped } from '../../identity/parties/party.js'
import { parties } from '../../identity/parties/party.table.js'
import { encryptFile } from '../../platform/encryptedFile.js'
import { decrypt, type PartyKey } from '../../platform/personal.js'
import { withRetries } from '../../platform/retries.js'
import type { FileStore } from '../files/fileStore.js'
import { folderOfPdf, pdfOf } from '../files/places.js'
import { linesOf, statements, titles } from './documentWords.js'
import { DocumentKind, issuedDocuments } from './issuedDocument.table.js'
import { platform } from './platform.js'
import { signerOf } from './signClaims.js'

export interface PdfTools {
  files: FileStore
  /** URL of the verification page. Undefined if the public URL is not configured. */
  verifyAt: string | undefined
}

/**
 * Makes and stores the PDF of a signed and numbered document, once. The file is named by its hash, so that two concurrent runs do not
 * overwrite each other: the row names the valid one, and the other is removed.
 */
export async function makePdf(work: Work, tools: PdfTools, id: string): Promise<void> {
  const found = await find(work, id)
  if (!found) return
  if (!found.row.pdfSha256) await makeAndKeep(found, work, tools)
  await removeOthers(work, tools.files, id)
}

async function find({ database: { db }, keyring }: Work, id: string) {
  const [found] = await db
    .select({ row: issuedDocuments, party: parties, agency: { name: agencies.name } })
    .from(issuedDocuments)
    .innerJoin(parties, eq(parties.id, issuedDocuments.partyId))
    .leftJoin(agencies, eq(agencies.id, issuedDocuments.agencyId))
    .where(eq(issuedDocuments.id, id))
  if (!found?.party.key) return undefined // the data was erased
  const key = unwrapped(keyring, found.party)
  return { key, row: decrypt(key, issuedDocuments, found.row), agency: found.agency?.name }
}
type Found = NonNullable<Awaited<ReturnType<typeof find>>>

async function makeAndKeep(found: Found, work: Work, { files, verifyAt }: PdfTools): Promise<void> {
  const { key, row } = found
  const pdf = await printed(found, work, verifyAt)
  const sha256 = createHash('sha256').update(pdf).digest()
  const { file, place } = pdfOf(row.id, sha256)
  await files.put(file, encryptFile(once(pdf), key, place))
  await failpoint('pdf.kept')
  await markMade(found, { sha256, size: pdf.length }, work)
  await failpoint('pdf.made')
}

async function printed({ row, agency }: Found, work: Work, verifyAt: string | undefined): Promise<Buffer> {
  const { id, number, code, kind, claims, issuedAt, series, seriesNumber, signature } = row
  const isNumbered = series === null || seriesNumber !== null
  if (!signature || !isNumbered) throw new Error(`the document ${id} must be signed and numbered first; it is not`)
  const signingKey = await work.signingKeys.current(signerOf(claims))
  // Loaded only when needed, because the layout library is large.
  const [{ layDocument }, { signPdf }] = await Promise.all([import('./layDocument.js'), import('./signPdf.js')])
  const numbered = series !== null && seriesNumber !== null ? { name: series, number: seriesNumber } : undefined
  const pdf = await layDocument({
    number,
    code,
    issuedAt,
    title: titles[kind],
    statement: statements[kind],
    address: verifyAt ? `${verifyAt}?number=${number}#${code}` : `${number} ${code}`,
    issuer: kind === DocumentKind.DECISION && agency ? agency : platform,
    lines: linesOf(claims, { agency, series: numbered }),
    signing: { at: work.now(), by: nameIn(signingKey.chain[0].subject) ?? signingKey.id },
    isSandbox: claims.sandbox ?? false,
  })
  return await signPdf(pdf, signingKey)
}

const nameIn = (subject: string) => /^CN=(.+)$/m.exec(subject)?.[1]

/** Records the PDF, unless there is one already or the party's data was erased. */
const markMade = ({ row }: Found, made: { sha256: Buffer; size: number }, { database, now }: Work): Promise<void> =>
  withRetries(() =>
    database.db.transaction(async (tx) => {
      const { id, partyId, agencyId, subjectId, serviceCode } = row
      const isKnown = and(eq(parties.id, partyId), isNotNull(parties.key))
      const [party] = await tx.select({ id: parties.id }).from(parties).where(isKnown).for('share')
      if (!party) return
      const marked = await tx
        .update(issuedDocuments)
        .set({ pdfSha256: made.sha256, pdfSize: made.size })
        .where(and(eq(issuedDocuments.id, id), isNull(issuedDocuments.pdfSha256)))
        .returning({ id: issuedDocuments.id })
      if (marked.length === 0) return
      await record(tx, [
        {
          domain: 'documents',
          type: 'document.completed',
          subject: id,
          partyId,
          at: now(),
          actor: 'makePdf',
          ids: { about: subjectId },
          ...(agencyId && { agencyId }),
          ...(serviceCode && { serviceCode }),
        },
      ])
    }),
  )

/** Removes the files of slower or dead runs; all files if the party's data was erased. */
async function removeOthers({ database: { db } }: Work, files: FileStore, id: string): Promise<void> {
  const [row] = await db
    .select({ sha256: issuedDocuments.pdfSha256, key: parties.key })
    .from(issuedDocuments)
    .innerJoin(parties, eq(parties.id, issuedDocuments.partyId))
    .where(eq(issuedDocuments.id, id))
  const kept = row?.sha256 && row.key ? pdfOf(id, row.sha256).file : undefined
  for (const name of await namesIn(files, id)) if (name !== kept) await files.remove(name)
}

/** Earlier than any clock. */
const ever = () => new Date(Date.now() + 86_400_000)
export async function namesIn(files: FileStore, id: string): Promise<string[]> {
  const names: string[] = []
  for await (const name of files.list(folderOfPdf(id), ever())) names.push(name)
  return names
}

async function* once(bytes: Buffer) {
  yield bytes
}

/** Finds the PDF: `sha256` is null until it is made. Undefined if there is no such document, or if the party's data was erased. */
export async function findPdf(
  { database: { db }, keyring }: Pick<Work, 'database' | 'keyring'>,
  id: string,
): Promise<{ number: string; sha256: Buffer | null; size: number; key: PartyKey } | undefined> {
  const { number, pdfSha256, pdfSize } = issuedDocuments
  const [row] = await db
    .select({ number, pdfSha256, pdfSize, party: parties })
    .from(issuedDocuments)
    .innerJoin(parties, eq(parties.id, issuedDocuments.partyId))
    .where(eq(issuedDocuments.id, id))
  if (!row?.party.key) return undefined
  return { number: row.number, sha256: row.pdfSha256, size: row.pdfSize ?? 0, key: unwrapped(keyring, row.party) }
}
