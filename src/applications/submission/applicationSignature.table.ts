import { index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { blindIndex, personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'

/** A signature of a party over the content of an application. The last one of a party counts, while the party has `signed_at`. */
export const applicationSignatures = pgTable(
  'application_signatures',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    // The party that signed, or for which somebody signed.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // The JWS with its payload and certificate chain. It is not unique: for an ECDSA signature (r, s), (r, n−s) is valid too.
    signature: personal('signature').notNull(),
    // Of the detached JWS, as received.
    sha256: bytes('sha256').notNull(),
    certificateIndex: blindIndex('certificate_index'),
    actor: text('actor').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  ({ id, applicationId, partyId }) => [index().on(applicationId, partyId, id)],
)

describeTable(applicationSignatures, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
