import { sql } from 'drizzle-orm'
import { check, index, integer, pgEnum, pgSequence, pgTable, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { agencies } from '../../agencies/agency.table.js'
import { parties } from '../../identity/parties/party.table.js'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { blindIndex, personal } from '../../platform/personal.js'
import type { Claims } from './claims.js'

export enum DocumentKind {
  APPLICATION_RECEIPT = 'APPLICATION_RECEIPT',
  DECISION = 'DECISION',
  FILING_RECEIPT = 'FILING_RECEIPT',
  PAYMENT_RECEIPT = 'PAYMENT_RECEIPT',
}
export const documentKind = pgEnum('document_kind', DocumentKind)
/** For document numbers. May have gaps. */
export const documentNumbers = pgSequence('document_numbers')

/** Documents issued to parties. The content never changes. Signature, PDF, series number and revocation are each set once. */
export const issuedDocuments = pgTable(
  'issued_documents',
  {
    id: id(),
    number: text('number').notNull().unique(),
    kind: documentKind('kind').notNull(),
    // The holder, whose key encrypts it. `document_parties` has all parties.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // The agency that decided, that handles the application, or that is paid.
    agencyId: uuid('agency_id').references(() => agencies.id),
    // The application or the filing; for a payment receipt, the charge.
    subjectId: uuid('subject_id').notNull(),
    // The code of its service, as named by mandates. Null if there is none.
    serviceCode: text('service_code'),
    issuedAt: timestamp('issued_at', { withTimezone: true }).notNull(),
    // When what it says ended to be true, as for a receipt of answers that somebody must correct.
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
    // The signed content.
    claims: personal<Claims>('claims').notNull(),
    // Number and code together show the document to anybody. 128 bits.
    code: personal('code').notNull(),
    codeIndex: blindIndex('code_index'),
    // A compact JWS. Null until signed. Not unique: (r, n−s) is as valid as (r, s).
    signature: personal('signature'),
    keyId: text('key_id'),
    // The hash of the PDF, which is stored outside the database. Null until the PDF is made.
    pdfSha256: bytes('pdf_sha256'),
    pdfSize: integer('pdf_size'),
    // When the worker was last asked to make the PDF. Null while nobody wants one.
    pdfRequestedAt: timestamp('pdf_requested_at', { withTimezone: true }),
    // The series in which the law requires numbers without gaps, and the number, which is assigned after the commit.
    series: text('series'),
    seriesNumber: integer('series_number'),
  },
  ({ id, subjectId, signature, keyId, pdfSha256, pdfSize, series, seriesNumber }) => [
    index().on(subjectId),
    index('issued_documents_unnumbered').on(series, id).where(sql`${series} is not null and ${seriesNumber} is null`),
    unique().on(series, seriesNumber),
    check('issued_documents_signature_check', sql`(${signature} is null) = (${keyId} is null)`),
    check('issued_documents_pdf_check', sql`(${pdfSha256} is null) = (${pdfSize} is null)`),
  ],
)

describeTable(issuedDocuments, {
  retention: {
    class: 'PERMANENT',
    reason: 'Anyone who was shown a document can verify it, as long as anything is kept.',
  },
  appendOnly: {
    updates: ['signature', 'keyId', 'pdfSha256', 'pdfSize', 'pdfRequestedAt', 'seriesNumber', 'revokedAt'],
    guard: 'keep_issued_document',
  },
})
