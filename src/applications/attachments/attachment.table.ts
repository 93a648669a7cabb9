import { index, pgTable, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { requiredDocuments } from '../../catalogue/services/requiredDocument.table.js'
import { uploads } from '../../documents/uploads/upload.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { applications } from '../application.table.js'

export const attachments = pgTable(
  'attachments',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    uploadId: uuid('upload_id')
      .notNull()
      .references(() => uploads.id),
    // The required document that the file provides. Null if it provides none.
    requiredDocumentId: uuid('required_document_id').references(() => requiredDocuments.id),
    attachedAt: timestamp('attached_at', { withTimezone: true }).notNull(),
  },
  ({ applicationId, uploadId }) => [unique().on(applicationId, uploadId), index().on(uploadId)],
)

describeTable(attachments, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
})
