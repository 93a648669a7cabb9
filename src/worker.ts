import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config.js'
import type { FileStore } from './documents/files/fileStore.js'
import { removeLeftovers } from './documents/files/removeLeftovers.js'
import { signingKeysToRenew } from './documents/issued/signingKeysToRenew.js'
import { mostInTick, tick } from './events/deadlines.js'
import type { Job, Work } from './events/job.js'
import { repeat } from './events/repeat.js'
import { removePastTerms } from './events/retention.js'
import { freeJobsOfTheDead, runJobs } from './events/runJobs.js'
import { beginJobs, mostInSweep, sweep } from './events/sequencer.js'
import { addCheckpoint, mostInCheckpoint } from './exchange/accessLog/addCheckpoint.js'
import { copyCheckpoints, mostCopied } from './exchange/accessLog/copyCheckpoints.js'

interface Parts extends Work {
  config: Pick<Config, 'requestTimeout' | 'accessLogDir' | 'timings'>
  jobs: readonly Job[]
  files: FileStore
}

/** Work that follows from requests and from time. Any number of workers may run at once. */
export function startWorker({ config, jobs, files, ...work }: Parts): { stop(): Promise<void> } {
  refuseAmbiguous(jobs)
  const { database, now, log } = work
  const { timings } = config
  const every = (pause: number) => ({ pause, timeout: timings.roundTimeout, log })
  let begun = false
  const running = [
    repeat('sequencer', every(timings.sequencerInterval), async () => {
      if (!begun) await beginJobs(database, jobs)
      begun = true
      return (await sweep(database, jobs)) === mostInSweep
    }),
    repeat('tick', every(timings.deadlineInterval), async () => (await tick(database, now())) === mostInTick),
    repeat(
      'access log',
      every(timings.accessLogInterval),
      async () => (await addCheckpoint(work)) === mostInCheckpoint,
    ),
    // Separate: if the folder is not writable, the checkpoints go on.
    repeat(
      'copy of the access log',
      every(timings.accessLogInterval),
      async () => (await copyCheckpoints(work, config.accessLogDir)) === mostCopied,
    ),
    repeat('retention', { ...every(timings.retentionInterval), timeout: timings.retentionInterval }, async () => {
      await removePastTerms(work)
      await removeLeftovers(work, files)
      return false
    }),
    repeat('orphaned jobs', every(timings.orphanedJobInterval), async () => {
      await freeJobsOfTheDead(database)
      return false
    }),
    repeat('certificates', every(timings.certificateCheckInterval), async () => {
      // By the real clock, as verifiers use it.
      for (const signingKey of await signingKeysToRenew(work.signingKeys, new Date()))
        log.error(signingKey, 'a signing key must be valid for 30 days more: have its certificate renewed')
      return false
    }),
    // Without a handler it would complain at each look.
    ...(jobs.length > 0 ? [runJobs(jobs, work, timings.jobTimeout)] : []),
  ]
  const stop = async () => {
    const ended = Promise.all(running.map((loop) => loop.stop()))
    // A job that takes longer is abandoned and starts again elsewhere.
    const late = new AbortController()
    await Promise.race([ended, sleep(config.requestTimeout + 1000, undefined, { signal: late.signal })])
    late.abort()
  }
  return { stop }
}

/** A job's key is event id and name: two jobs of one name would stop the sequencer. */
function refuseAmbiguous(jobs: readonly Job[]): void {
  const names = new Set<string>()
  for (const { name, on } of jobs) {
    if (names.has(name)) throw new Error(`a job must have a name of its own; there are two ${name}`)
    if (new Set(on).size < on.length) throw new Error(`the job ${name} must name each type of event once`)
    names.add(name)
  }
}
