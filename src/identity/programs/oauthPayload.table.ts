import { index, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'

/** Issued tokens, and used assertions (`jti`). */
export const oauthPayloads = pgTable(
  'oauth_payloads',
  {
    model: text('model').notNull(),
    // SHA-256, so that a reader of the table has no token.
    idHash: text('id_hash').notNull(),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  ({ model, idHash, expiresAt }) => [primaryKey({ columns: [model, idHash] }), index().on(expiresAt)],
)

describeTable(oauthPayloads, {
  retention: {
    class: 'TRANSIENT',
    reason: 'A token or an assertion is useful until it expires. The server removes expired ones.',
  },
})
