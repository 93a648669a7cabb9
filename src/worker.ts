import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config.js'
import type { FileStore } from './documents/fileStore.js'
import { removeLeftovers } from './documents/removeLeftovers.js'
import { sealsToRenew } from './documents/sealsToRenew.js'
import { mostInTick, tick } from './events/deadlines.js'
import type { Job, Work } from './events/job.js'
import { repeat } from './events/repeat.js'
import { removePastTerms } from './events/retention.js'
import { freeJobsOfTheDead, runJobs } from './events/runJobs.js'
import { beginJobs, mostInSweep, sweep } from './events/sequencer.js'
import { copySeals, mostCopied } from './exchange/copySeals.js'
import { mostInSeal, sealAccesses } from './exchange/sealAccesses.js'

interface Parts extends Work {
  config: Pick<Config, 'requestTimeout' | 'accessLogDir'>
  jobs: readonly Job[]
  files: FileStore
}

// Milliseconds between one and the next.
const sweeps = 50
const ticks = 1_000
const logSeals = 1_000
const roundsForTheDead = 10_000
const removals = 3_600_000
const looksAtSeals = 86_400_000

/** What follows from requests, and what time brings. Any number of these may run at once. */
export function startWorker({ config, jobs, files, ...work }: Parts): { stop(): Promise<void> } {
  refuseAmbiguous(jobs)
  const { database, now, log } = work
  let begun = false
  const running = [
    repeat('sequencer', sweeps, log, async () => {
      if (!begun) await beginJobs(database, jobs)
      begun = true
      return (await sweep(database, jobs)) === mostInSweep
    }),
    repeat('tick', ticks, log, async () => (await tick(database, now())) === mostInTick),
    repeat('access log', logSeals, log, async () => (await sealAccesses(work)) === mostInSeal),
    // Apart from that: where the folder cannot be written, sealing goes on.
    repeat(
      'copy of the access log',
      logSeals,
      log,
      async () => (await copySeals(work, config.accessLogDir)) === mostCopied,
    ),
    repeat('retention', removals, log, async () => {
      await removePastTerms(work)
      await removeLeftovers(work, files)
      return false
    }),
    repeat('the dead', roundsForTheDead, log, async () => {
      await freeJobsOfTheDead(database)
      return false
    }),
    repeat('seals', looksAtSeals, log, async () => {
      // By the clock of the world, as whoever verifies has it.
      for (const seal of await sealsToRenew(work.seals, new Date()))
        log.error(seal, 'a seal that signs must be valid for 30 days more: have its certificate renewed')
      return false
    }),
    // Without one it would complain at each look.
    ...(jobs.length > 0 ? [runJobs(jobs, work)] : []),
  ]
  const stop = async () => {
    const ended = Promise.all(running.map((loop) => loop.stop()))
    // A job that takes longer is left, and begun anew elsewhere.
    const late = new AbortController()
    await Promise.race([ended, sleep(config.requestTimeout + 1000, undefined, { signal: late.signal })])
    late.abort()
  }
  return { stop }
}

/** What follows from an event is enqueued by its id and the job's name: two of one key would stop the sequencer. */
function refuseAmbiguous(jobs: readonly Job[]): void {
  const names = new Set<string>()
  for (const { name, on } of jobs) {
    if (names.has(name)) throw new Error(`a job must have a name of its own; there are two ${name}`)
    if (new Set(on).size < on.length) throw new Error(`the job ${name} must name each type of event once`)
    names.add(name)
  }
}
