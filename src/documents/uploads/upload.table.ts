import { sql } from 'drizzle-orm'
import { bigint, check, index, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'

export enum UploadState {
  /** Its bytes have not come, or not all of them. */
  WAITING = 'WAITING',
  /** They are whole, and looked through. */
  SCANNING = 'SCANNING',
  /** It may be attached and fetched. */
  CLEAN = 'CLEAN',
  /** Something hostile was found in it: it is taken out. */
  INFECTED = 'INFECTED',
  /** It is not what was announced, or of no kind that is taken. */
  REFUSED = 'REFUSED',
}
export const uploadState = pgEnum('upload_state', UploadState)

/** A file of a party. Its bytes stand outside the database, encrypted under the party's key. */
export const uploads = pgTable(
  'uploads',
  {
    id: id(),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // As whoever sent it calls it.
    name: personal('name').notNull(),
    // As announced: what comes must have this length and this hash.
    size: bigint('size', { mode: 'number' }).notNull(),
    sha256: bytes('sha256').notNull(),
    state: uploadState('state').notNull(),
    // By its content, once it was looked at: image/jpeg, application/pdf.
    mediaType: text('media_type'),
    // Why it was refused, as a dotted reason.
    refusedFor: text('refused_for'),
    createdBy: text('created_by').notNull(),
    mandateIds: uuid('mandate_ids').array().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    // Until when its bytes must have come.
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }),
    scannedAt: timestamp('scanned_at', { withTimezone: true }),
  },
  ({ id, partyId, size, sha256, state, createdAt, mediaType }) => [
    index().on(partyId, createdAt, id),
    check('uploads_size_check', sql`${size} > 0`),
    check('uploads_sha256_check', sql`octet_length(${sha256}) = 32`),
    check('uploads_clean_check', sql`${state} <> 'CLEAN' or ${mediaType} is not null`),
  ],
)

describeTable(uploads, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'An uploaded file becomes unreadable with the key of its party.' },
  // The hash is overwritten when the party is forgotten.
  server: { update: ['state', 'mediaType', 'refusedFor', 'receivedAt', 'scannedAt', 'sha256'], delete: false },
})
