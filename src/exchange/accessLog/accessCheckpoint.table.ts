import { sql } from 'drizzle-orm'
import { bigint, check, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'

/** Signed checkpoints, each over the digests of its rows and the checkpoint before it. */
export const accessCheckpoints = pgTable(
  'access_checkpoints',
  {
    number: bigint('number', { mode: 'bigint' }).primaryKey(),
    firstPosition: bigint('first_position', { mode: 'bigint' }).notNull(),
    lastPosition: bigint('last_position', { mode: 'bigint' }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    // Hash of the checkpoint before it. 32 zero bytes for the first.
    previous: bytes('previous').notNull(),
    hash: bytes('hash').notNull(),
    keyId: text('key_id').notNull(),
    signature: bytes('signature').notNull(),
  },
  ({ firstPosition, lastPosition }) => [
    check('access_checkpoints_range_check', sql`${lastPosition} >= ${firstPosition} and ${firstPosition} > 0`),
  ],
)

describeTable(accessCheckpoints, {
  retention: {
    class: 'PERMANENT',
    reason: 'Proves that a row of the access log is unchanged, as long as all later checkpoints are kept.',
  },
  appendOnly: true,
})
