import type { Domain } from '../events/domain.js'
import { acknowledgeFiling } from './acknowledgement/acknowledgeFiling.js'
import { agencyFilingQueries } from './acknowledgement/agencyFilings.js'
import { collectFilings } from './acknowledgement/collectFilings.js'
import { rejectFiling } from './acknowledgement/rejectFiling.js'
import { type BatchServing, batchEndpoints } from './batches/batchEndpoints.js'
import { removeBatchFile, removeLeftoverBatches, stopForgottenBatches } from './batches/batchFiles.js'
import { cancelFilingBatch } from './batches/cancelFilingBatch.js'
import { createFilingBatch } from './batches/createFilingBatch.js'
import { expireFilingBatch } from './batches/expireFilingBatch.js'
import { filingBatchQueries } from './batches/filingBatch.js'
import { FilingBatchLineResolver } from './batches/filingBatchLine.js'
import { type BatchTools, runBatch } from './batches/runBatch.js'
import { filingEvents } from './events.js'
import { filingQueries } from './filing.js'
import { FilingResolver } from './filing.resolver.js'
import { submitFiling } from './submission/submitFiling.js'
import { submitFilings } from './submission/submitFilings.js'
import { ValidateFilingResolver } from './submission/validateFiling.js'
import { withdrawFiling } from './withdrawFiling.js'

export const filingsDomain: Domain<BatchTools, BatchServing> = {
  name: 'filings',
  events: filingEvents,
  queries: [filingQueries, agencyFilingQueries, filingBatchQueries],
  resolvers: [FilingResolver, ValidateFilingResolver, FilingBatchLineResolver],
  commands: [
    submitFiling,
    submitFilings,
    withdrawFiling,
    collectFilings,
    acknowledgeFiling,
    rejectFiling,
    createFilingBatch,
    cancelFilingBatch,
  ],
  jobs: ({ files }) => [expireFilingBatch, removeBatchFile(files), stopForgottenBatches],
  recurring: (tools) => [
    { name: 'filing batches', interval: 'filingBatchInterval', run: (work) => runBatch({ ...work, ...tools }) },
    {
      name: 'leftover batch files',
      interval: 'retentionInterval',
      timeout: 'retentionTimeout',
      run: (work) => removeLeftoverBatches(work, tools.files, tools.timings.leftoverFileLifetime),
    },
  ],
  endpoints: (serving) => [batchEndpoints(serving)],
}
