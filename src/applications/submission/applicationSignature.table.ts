import { index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { blindIndex, personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'

/** A signature over the answers of an application. */
export const applicationSignatures = pgTable(
  'application_signatures',
  {
    id: id(),
    applicationId: uuid('application_id')
      .notNull()
      .references(() => applications.id),
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // The JWS with its certificate chain. It is not unique: for an ECDSA signature (r, s), (r, n−s) is valid too.
    signature: personal('signature').notNull(),
    certificateIndex: blindIndex('certificate_index'),
    actor: text('actor').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  ({ applicationId }) => [index().on(applicationId)],
)

describeTable(applicationSignatures, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to an application.' },
  appendOnly: true,
})
