import { and, asc, eq, gt } from 'drizzle-orm'
import { DocumentKind, issuedDocuments } from '../../documents/issued/issuedDocument.table.js'
import type { UserError } from '../../engine/userError.js'
import { keysOf } from '../../identity/parties/party.js'
import type { Database } from '../../platform/database.js'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt, type PartyKey } from '../../platform/personal.js'
import { messageIn } from '../../shared/messages.js'
import { filings } from '../filing.table.js'
import { filingBatchLines } from './filingBatchLine.table.js'

interface Parts {
  database: Database
  keyring: Keyring
}
interface Found {
  batch: { id: string }
  key: PartyKey
}

const pageLength = 500
/** The results of a batch as NDJSON, in the order of its lines, read page by page as the client takes them. */
export async function* resultsOf(found: Found, parts: Parts): AsyncGenerator<string> {
  let last = 0
  for (;;) {
    const page = await pageAfter(last, found, parts)
    if (page.length === 0) return
    yield await textOf(page, found.key, parts)
    last = page.at(-1)?.row.line ?? last
  }
}

type Page = Awaited<ReturnType<typeof pageAfter>>
const pageAfter = (line: number, { batch }: Found, { database: { db } }: Parts) =>
  db
    .select({
      row: filingBatchLines,
      number: filings.number,
      document: { id: issuedDocuments.id, partyId: issuedDocuments.partyId, signature: issuedDocuments.signature },
    })
    .from(filingBatchLines)
    .leftJoin(filings, eq(filings.id, filingBatchLines.filingId))
    .leftJoin(
      issuedDocuments,
      and(eq(issuedDocuments.subjectId, filings.id), eq(issuedDocuments.kind, DocumentKind.FILING_RECEIPT)),
    )
    .where(and(eq(filingBatchLines.batchId, batch.id), gt(filingBatchLines.line, line)))
    .orderBy(asc(filingBatchLines.line))
    .limit(pageLength)

async function textOf(page: Page, key: PartyKey, { database, keyring }: Parts): Promise<string> {
  const holders = [...new Set(page.flatMap(({ document }) => document?.partyId ?? []))]
  const keys = await keysOf(database, keyring, holders)
  const texts = page.map(({ row, number, document }) => {
    const { line, externalNumber, outcome } = row
    const holder = document && keys.get(document.partyId)
    return JSON.stringify({
      line,
      externalNumber,
      outcome,
      filingNumber: number,
      // Null if the data of its holder was erased.
      receipt: holder ? decrypt(holder, issuedDocuments, document).signature : null,
      userErrors: (decrypt(key, filingBatchLines, row).userErrors ?? []).map(saidInAll),
    })
  })
  return `${texts.join('\n')}\n`
}

const saidInAll = ({ code, reason, field, params = {} }: UserError) => ({
  code,
  reason,
  field: field ?? null,
  params,
  messages: {
    az: messageIn('az', { reason, params }),
    en: messageIn('en', { reason, params }),
    ru: messageIn('ru', { reason, params }),
  },
})
