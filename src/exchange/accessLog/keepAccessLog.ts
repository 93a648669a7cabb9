import type { Recurring } from '../../events/domain.js'
import { addCheckpoint, checkpointLimit } from './addCheckpoint.js'
import { copyCheckpoints, copyLimit } from './copyCheckpoints.js'

/** Covers the access log with checkpoints, and copies them into a folder. */
export const keepAccessLog = (folder: string): Recurring[] => [
  {
    name: 'access log',
    interval: 'accessLogInterval',
    run: async (work) => (await addCheckpoint(work)) === checkpointLimit,
  },
  // Separate: if the folder is not writable, the checkpoints go on.
  {
    name: 'copy of the access log',
    interval: 'accessLogInterval',
    run: async (work) => (await copyCheckpoints(work, folder)) === copyLimit,
  },
]
