import { sql } from 'drizzle-orm'
import { check, index, integer, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import type { UserError } from '../../engine/userError.js'
import { parties } from '../../identity/parties/party.table.js'
import { describeTable } from '../../platform/describeTable.js'
import { id } from '../../platform/id.js'
import { personal } from '../../platform/personal.js'
import { filings } from '../filing.table.js'
import { filingBatches } from './filingBatch.table.js'

export enum FilingBatchOutcome {
  FILED = 'FILED',
  /** The same was filed before under its external number. */
  REPEATED = 'REPEATED',
  REFUSED = 'REFUSED',
}
export const filingBatchOutcome = pgEnum('filing_batch_outcome', FilingBatchOutcome)

/** Outcome of a line of a batch: a filing, or its errors. */
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
    outcome: filingBatchOutcome('outcome').notNull(),
    // The filing that it made, or the earlier one that it repeats.
    filingId: uuid('filing_id').references(() => filings.id),
    userErrors: personal<UserError[]>('user_errors'),
  },
  ({ id, batchId, line, outcome, filingId, userErrors }) => [
    unique().on(batchId, line),
    index('filing_batch_lines_outcome').on(batchId, outcome, line, id),
    check('filing_batch_lines_line_check', sql`${line} >= 1`),
    check(
      'filing_batch_lines_outcome_check',
      sql`(${outcome} = 'REFUSED') = (${userErrors} is not null) and (${outcome} = 'REFUSED') = (${filingId} is null)`,
    ),
  ],
)

describeTable(filingBatchLines, {
  retention: { class: 'WITH_ITS_SUBJECT', reason: 'Belongs to a batch of filings.' },
  appendOnly: true,
})
