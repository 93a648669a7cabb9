import { index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { describeTable } from '../../platform/describeTable.js'

/** Nonces of callbacks that were received. Each is accepted once. */
export const callbackNonces = pgTable(
  'callback_nonces',
  {
    provider: text('provider').notNull(),
    nonce: text('nonce').notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull(),
  },
  ({ provider, nonce, receivedAt }) => [primaryKey({ columns: [provider, nonce] }), index().on(receivedAt)],
)

describeTable(callbackNonces, {
  retention: {
    class: 'TERM',
    from: 'receivedAt',
    term: '1 day',
    reason: 'A signature is accepted for five minutes, so an older nonce proves nothing.',
  },
  server: { update: false, delete: false },
})
