import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config.js'
import { tick, tickLimit } from './events/deadlines.js'
import type { Recurring } from './events/domain.js'
import type { Job, Work } from './events/job.js'
import { repeat } from './events/repeat.js'
import { removePastTerms } from './events/retention.js'
import { freeJobsOfTheDead, runJobs } from './events/runJobs.js'
import { beginJobs, sweep, sweepLimit } from './events/sequencer.js'

interface Parts extends Work {
  config: Pick<Config, 'requestTimeout' | 'timings'>
  jobs: readonly Job[]
  recurring?: readonly Recurring[]
}

/** Work that follows from requests and from time. Any number of workers may run at once. */
export function startWorker({ config, jobs, recurring = [], ...work }: Parts): { stop(): Promise<void> } {
  refuseAmbiguous(jobs)
  const { database, now, log } = work
  const { timings } = config
  const every = (pause: number) => ({ pause, timeout: timings.roundTimeout, log })
  let begun = false
  const running = [
    repeat('sequencer', every(timings.sequencerInterval), async () => {
      if (!begun) await beginJobs(database, jobs)
      begun = true
      return (await sweep(database, jobs)) === sweepLimit
    }),
    repeat('tick', every(timings.deadlineInterval), async () => (await tick(database, now())) === tickLimit),
    repeat('retention', { ...every(timings.retentionInterval), timeout: timings.retentionTimeout }, async () => {
      await removePastTerms(work)
      return false
    }),
    repeat('orphaned jobs', every(timings.orphanedJobInterval), async () => {
      await freeJobsOfTheDead(database)
      return false
    }),
    ...recurring.map(({ name, interval, timeout = 'roundTimeout', run }) =>
      repeat(name, { pause: timings[interval], timeout: timings[timeout], log }, () => run(work)),
    ),
    // Short jobs never wait behind long ones.
    ...[
      { name: 'jobs', jobs: jobs.filter(({ isLong }) => !isLong), concurrency: 4 },
      { name: 'long jobs', jobs: jobs.filter(({ isLong }) => isLong), concurrency: 2 },
    ]
      // graphile-worker complains at each look if it has nothing to run.
      .filter((running) => running.jobs.length > 0)
      .map((running) => runJobs({ ...running, timeout: timings.jobTimeout }, work)),
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
    if (names.has(name)) throw new Error(`each job must have its own name; two are named ${name}`)
    if (new Set(on).size < on.length) throw new Error(`the job ${name} must name each type of event once`)
    names.add(name)
  }
}
