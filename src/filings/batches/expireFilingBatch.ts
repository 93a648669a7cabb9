import { and, eq } from 'drizzle-orm'
import type { Job } from '../../events/job.js'
import { endBatch } from './filingBatch.repository.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'

/** Type of the event at which a batch that is still WAITING expires. */
export const termEnded = 'filing_batch.term_ended'

/** Ends an announced batch whose file was not received, with effect from the deadline. */
export const expireFilingBatch: Job = {
  name: 'expireFilingBatch',
  on: [termEnded],
  async run({ subject: id, at }, { database: { db } }) {
    const isWaiting = and(eq(filingBatches.id, id), eq(filingBatches.state, FilingBatchState.WAITING))
    const ending = { state: FilingBatchState.EXPIRED, at, actor: 'expireFilingBatch' } as const
    await db.transaction((tx) => endBatch(tx, isWaiting, ending))
  },
}
