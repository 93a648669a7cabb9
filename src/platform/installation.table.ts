import { sql } from 'drizzle-orm'
import { boolean, check, pgEnum, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { describeTable } from './describeTable.js'

/** A sandbox and a production never meet: which of them a database is, it says itself, from its first migration on. */
export enum Mode {
  SANDBOX = 'SANDBOX',
  PRODUCTION = 'PRODUCTION',
}

export const mode = pgEnum('mode', Mode)

/** One row. */
export const installation = pgTable(
  'installation',
  {
    id: boolean('id').primaryKey().default(true),
    mode: mode('mode').notNull(),
    // What the keyring makes of a fixed text: a server with other keys could read nothing here, and is told so at its start.
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
