import type { FileStore } from '../documents/files/fileStore.js'
import type { Domain } from '../events/domain.js'
import type { Timings } from '../platform/timings.js'
import { type BatchServing, batchEndpoints } from './batches/batchEndpoints.js'
import { removeBatchFile, removeLeftoverBatches, stopForgottenBatches } from './batches/batchFiles.js'
import { cancelFilingBatch } from './batches/cancelFilingBatch.js'
import { createFilingBatch } from './batches/createFilingBatch.js'
import { expireFilingBatch } from './batches/expireFilingBatch.js'
import { filingBatchQueries } from './batches/filingBatch.js'
import { FilingBatchLineResolver } from './batches/filingBatchLine.js'
import { filingEvents } from './events.js'
import { filingQueries } from './filing.js'

export interface FilingTools {
  files: FileStore
  timings: Timings
}

export const filingsDomain: Domain<FilingTools, BatchServing> = {
  name: 'filings',
  events: filingEvents,
  queries: [filingQueries, filingBatchQueries],
  resolvers: [FilingBatchLineResolver],
  commands: [createFilingBatch, cancelFilingBatch],
  jobs: ({ files }) => [expireFilingBatch, removeBatchFile(files), stopForgottenBatches],
  recurring: ({ files, timings }) => [
    {
      name: 'leftover batch files',
      interval: 'retentionInterval',
      timeout: 'retentionTimeout',
      run: (work) => removeLeftoverBatches(work, files, timings.leftoverFileLifetime),
    },
  ],
  endpoints: (serving) => [batchEndpoints(serving)],
}
