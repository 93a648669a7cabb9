import { index, integer, pgTable, unique, uuid } from 'drizzle-orm/pg-core'
import { uploads } from '../../documents/uploads/upload.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { applications } from '../application.table.js'

/** Files that officers sent with a request, a message, a decision or a note. */
export const officerFiles = pgTable(
  'officer_files',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    // The timeline entry or the note that the file came with.
    ofId: uuid('of_id').notNull(),
    uploadId: uuid('upload_id')
      .notNull()
      .references(() => uploads.id),
    position: integer('position').notNull(),
  },
  ({ ofId, uploadId, applicationId }) => [unique().on(ofId, uploadId), index().on(uploadId), index().on(applicationId)],
)

describeTable(officerFiles, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
