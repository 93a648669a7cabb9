import { sql } from 'drizzle-orm'
import { check, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import type { UserError } from '../../engine/userError.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { filings } from '../filing.table.js'
import { filingBatches } from './filingBatch.table.js'

/** What became of a line of a batch: a filing, or its errors. */
export const filingBatchLines = pgTable(
  'filing_batch_lines',
  {
    id: id(),
    batchId: uuid('batch_id')
      .notNull()
      .references(() => filingBatches.id),
    // From 1.
    line: integer('line').notNull(),
    // The party of the batch, whose key encrypts the errors.
    partyId: uuid('party_id')
      .notNull()
      .references(() => parties.id),
    // Null if the line could not be read so far.
    externalNumber: text('external_number'),
    // The filing that it made, or the earlier one that it repeats.
    filingId: uuid('filing_id').references(() => filings.id),
    userErrors: personal<UserError[]>('user_errors'),
  },
  ({ batchId, line, filingId, userErrors }) => [
    unique().on(batchId, line),
    check('filing_batch_lines_line_check', sql`${line} >= 1`),
    check('filing_batch_lines_outcome_check', sql`(${filingId} is null) = (${userErrors} is not null)`),
  ],
)

describeTable(filingBatchLines, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a batch of filings.' },
  appendOnly: true,
})
