import { sql } from 'drizzle-orm'
import { bigint, check, index, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'

export enum UploadState {
  WAITING = 'WAITING',
  SCANNING = 'SCANNING',
  CLEAN = 'CLEAN',
  INFECTED = 'INFECTED',
  REFUSED = 'REFUSED',
}
export const uploadState = pgEnum('upload_state', UploadState)

/** Files of parties. The bytes are stored outside the database, encrypted under the party's key. */
export const uploads = pgTable(
  'uploads',
  {
    id: id(),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // The application for which an officer sent it. Null for a file of the party itself.
    subjectId: uuid('subject_id'),
    // Name given by the uploader.
    name: personal('name').notNull(),
    // As announced. The file must have this size and hash.
    size: bigint('size', { mode: 'number' }).notNull(),
    sha256: bytes('sha256').notNull(),
    state: uploadState('state').notNull(),
    // Detected from the content during the scan, such as image/jpeg.
    mediaType: text('media_type'),
    // Reason code of the refusal.
    refusedFor: text('refused_for'),
    createdBy: text('created_by').notNull(),
    mandateIds: uuid('mandate_ids').array().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    // When it expires if the file has not been received.
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }),
    scannedAt: timestamp('scanned_at', { withTimezone: true }),
  },
  ({ id, partyId, subjectId, size, sha256, state, createdAt, mediaType }) => [
    index().on(partyId, createdAt, id),
    index().on(subjectId).where(sql`${subjectId} is not null`),
    check('uploads_size_check', sql`${size} > 0`),
    check('uploads_sha256_check', sql`octet_length(${sha256}) = 32`),
    check('uploads_clean_check', sql`${state} <> 'CLEAN' or ${mediaType} is not null`),
  ],
)

describeTable(uploads, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'An uploaded file becomes unreadable with the key of its party.' },
  // The hash is overwritten when the party's data is erased.
  server: { update: ['state', 'mediaType', 'refusedFor', 'receivedAt', 'scannedAt', 'sha256'], delete: false },
})
