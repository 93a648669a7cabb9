import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { parties } from '../../identity/parties/party.table.js'
import { programs } from '../../identity/programs/program.table.js'
import { bytes } from '../../platform/bytes.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'

export enum FilingBatchState {
  /** Waits for its file. */
  WAITING = 'WAITING',
  RUNNING = 'RUNNING',
  COMPLETED = 'COMPLETED',
  CANCELLED = 'CANCELLED',
  /** Stopped before its end, for the reason it names. */
  STOPPED = 'STOPPED',
  /** The file did not come in time. */
  EXPIRED = 'EXPIRED',
}
export const filingBatchState = pgEnum('filing_batch_state', FilingBatchState)

/** A file of filings, one a line (NDJSON). The bytes are stored outside the database, encrypted under the party's key. */
export const filingBatches = pgTable(
  'filing_batches',
  {
    id: id(),
    // The organisation of the program that sent it, whose key encrypts the file and its results.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    programId: uuid('program_id')
      .notNull()
      .references(() => programs.id),
    createdBy: text('created_by').notNull(),
    state: filingBatchState('state').notNull(),
    revision: integer('revision').notNull().default(1),
    // As announced. The file must have this size and hash.
    size: bigint('size', { mode: 'number' }).notNull(),
    sha256: bytes('sha256').notNull(),
    // A detached JWS over the hash of the file. Null if each line has its own.
    signature: personal('signature'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    // When it expires if the file has not been received.
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }),
    startedAt: timestamp('started_at', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
    // The number of lines. Null until the worker has counted them.
    lines: integer('lines'),
    // The lines handled so far, all in order, and what became of them.
    done: integer('done').notNull().default(0),
    filed: integer('filed').notNull().default(0),
    repeated: integer('repeated').notNull().default(0),
    refused: integer('refused').notNull().default(0),
    // The mandates under which its filings were made. It stops when one of them ends.
    mandateIds: uuid('mandate_ids').array().notNull().default([]),
    // Why it stopped, as the reason of a user error.
    stoppedFor: text('stopped_for'),
    // When it was received, or a worker last had it in hand: the next batch is the one that waited longest.
    workedAt: timestamp('worked_at', { withTimezone: true }),
  },
  ({ id, partyId, state, createdAt, workedAt, size, sha256, done, filed, repeated, refused, lines, ...more }) => [
    index().on(partyId, createdAt, id),
    index('filing_batches_running').on(workedAt, id).where(sql`${state} = 'RUNNING'`),
    check('filing_batches_size_check', sql`${size} > 0`),
    check('filing_batches_sha256_check', sql`octet_length(${sha256}) = 32`),
    check(
      'filing_batches_counts_check',
      sql`${done} = ${filed} + ${repeated} + ${refused} and ${done} <= coalesce(${lines}, ${done})`,
    ),
    check('filing_batches_ended_check', sql`(${state} in ('WAITING', 'RUNNING')) = (${more.endedAt} is null)`),
    check('filing_batches_stopped_check', sql`(${state} = 'STOPPED') = (${more.stoppedFor} is not null)`),
  ],
)

describeTable(filingBatches, {
  retention: {
    class: 'WITH_ITS_SUBJECT',
    reason: 'Says what became of each line of a file, and becomes unreadable with the key of its party.',
  },
  server: { delete: false },
})
