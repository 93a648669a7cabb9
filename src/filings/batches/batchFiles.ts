import { and, eq, inArray } from 'drizzle-orm'
import type { FileStore } from '../../documents/files/fileStore.js'
import { removeStaleFiles } from '../../documents/files/removeLeftovers.js'
import type { Job, Work } from '../../events/job.js'
import type { Place } from '../../platform/personal.js'
import { endBatch, endTypes } from './filingBatch.repository.js'
import { FilingBatchState, filingBatches } from './filingBatch.table.js'

const folder = 'filing-batches'
/** Where the file of a batch is stored, from its receipt until the batch has ended. */
export const fileOfBatch = (id: string) => ({
  file: `${folder}/${id}`,
  place: { table: 'filing_batches', column: 'file', row: id } satisfies Place,
})

const isOn = inArray(filingBatches.state, [FilingBatchState.WAITING, FilingBatchState.RUNNING])

export const removeBatchFile = (files: FileStore): Job => ({
  name: 'removeBatchFile',
  on: endTypes,
  run: async ({ subject: id }) => files.remove(fileOfBatch(id).file),
})

/** Ends the batches of a party whose data was erased. Their files are removed as for every batch that ends. */
export const stopForgottenBatches: Job = {
  name: 'stopForgottenBatches',
  on: ['party.forgotten'],
  async run({ subject: partyId, at }, { database: { db } }) {
    const ending = { state: FilingBatchState.STOPPED, stoppedFor: 'filing_batch.forgotten', at } as const
    await db.transaction((tx) =>
      endBatch(tx, and(eq(filingBatches.partyId, partyId), isOn), { ...ending, actor: 'stopForgottenBatches' }),
    )
  },
}

/** Removes files that were received after their batch had ended, by an API that died before it removed them. */
export async function removeLeftoverBatches(
  work: Pick<Work, 'database' | 'log'>,
  files: FileStore,
  lifetime: number,
): Promise<false> {
  const before = new Date(Date.now() - lifetime) // files have the machine's time
  await removeStaleFiles(folder, before, { ...work, files }, async (ids) => {
    const rows = await work.database.db
      .select({ id: filingBatches.id })
      .from(filingBatches)
      .where(and(inArray(filingBatches.id, ids), isOn))
    return rows.map(({ id }) => fileOfBatch(id).file)
  })
  return false
}
