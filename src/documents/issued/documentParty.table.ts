import { index, pgTable, primaryKey, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { issuedDocuments } from './issuedDocument.table.js'

/** The parties to which a document was issued: its holder, and those who applied together with them. */
export const documentParties = pgTable(
  'document_parties',
  {
    documentId: uuid('document_id')
      .notNull()
      .references(() => issuedDocuments.id),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // When the document was issued, so that the pages of a party are read from one index.
    issuedAt: timestamp('issued_at', { withTimezone: true }).notNull(),
  },
  ({ documentId, partyId, issuedAt }) => [
    primaryKey({ columns: [documentId, partyId] }),
    index().on(partyId, issuedAt, documentId),
  ],
)

describeTable(documentParties, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a document.' },
  appendOnly: true,
})
