import { sql } from 'drizzle-orm'
import { boolean, check, pgEnum, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { describeTable } from './describeTable.js'

/** The database stores its mode from the first migration on, so a sandbox and a production never meet. */
export enum Mode {
  SANDBOX = 'SANDBOX',
  PRODUCTION = 'PRODUCTION',
}

export const mode = pgEnum('mode', Mode)

/** A single row. */
export const installation = pgTable(
  'installation',
  {
    id: boolean('id').primaryKey().default(true),
    mode: mode('mode').notNull(),
    // A fingerprint of the keyring: a server with other keys is refused at its start.
    keyringCheck: text('keyring_check'),
    since: timestamp('since', { withTimezone: true }).notNull(),
  },
  ({ id }) => [check('installation_one_row', sql`${id}`)],
)

describeTable(installation, {
  retention: { class: 'PERMANENT', reason: 'One row: what this installation is.' },
  appendOnly: { updates: ['keyringCheck'], guard: 'keep_installation' },
  server: { insert: false },
})
