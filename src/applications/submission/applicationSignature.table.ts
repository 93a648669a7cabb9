import { index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { blindIndex, personal } from '../../platform/personal.js'
import { applications } from '../application.table.js'

/** Who signed the answers of an application, and with what. */
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
    // The JWS with its chain, as it came; and by what its certificate is known. Its bytes are not unique: of an ECDSA
    // signature (r, s), (r, n−s) is as valid, so nothing may rely on a signature coming only once.
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
