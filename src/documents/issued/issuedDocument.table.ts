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
  /** That something came, when and from whom. Signed by the platform at once. */
  APPLICATION_RECEIPT = 'APPLICATION_RECEIPT',
  /** What an agency decided. Signed by the agency's key, in the worker. */
  DECISION = 'DECISION',
}
export const documentKind = pgEnum('document_kind', DocumentKind)
/** For numbers that people see. May have gaps. */
export const documentNumbers = pgSequence('document_numbers')

/** A document that the state gave somebody. What it says never changes; its signature and its PDF are each filled once. */
export const issuedDocuments = pgTable(
  'issued_documents',
  {
    id: id(),
    number: text('number').notNull().unique(),
    kind: documentKind('kind').notNull(),
    // Whose it is.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // Who gave it; null: the platform.
    agencyId: uuid('agency_id').references(() => agencies.id),
    // What it is about: an application.
    subjectId: uuid('subject_id').notNull(),
    // The code of its service, by which mandates name services; null: it is about none.
    serviceCode: text('service_code'),
    issuedAt: timestamp('issued_at', { withTimezone: true }).notNull(),
    // What it says, as the signature is over it.
    claims: personal<Claims>('claims').notNull(),
    // With its number it opens the document to whoever was shown both. 128 bits.
    code: personal('code').notNull(),
    codeIndex: blindIndex('code_index'),
    // A JWS in its compact form; null until it is signed. Other bytes may be as valid a signature: (r, n−s) for (r, s).
    signature: personal('signature'),
    keyId: text('key_id'),
    // The hash of the PDF, whose bytes stand outside the database; null until it is made.
    pdfSha256: bytes('pdf_sha256'),
    pdfSize: integer('pdf_size'),
    // A number without gaps, where the law wants one: the series it is in, and its place there, which comes after the commit.
    series: text('series'),
    seriesNumber: integer('series_number'),
  },
  ({ id, partyId, subjectId, issuedAt, signature, keyId, pdfSha256, pdfSize, series, seriesNumber }) => [
    index().on(partyId, issuedAt, id),
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
    updates: ['signature', 'keyId', 'pdfSha256', 'pdfSize', 'seriesNumber'],
    guard: 'keep_issued_document',
  },
})
