import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { Logger, type Runner, run, type Task, type WorkerEvents } from 'graphile-worker'
import { loggable } from '../engine/errors.js'
import { failpoint } from '../engine/failpoint.js'
import { type Database, urlForPg } from '../shared/database.js'
import type { EventRow, Job, Work } from './job.js'
import { type Repeated, repeat } from './repeat.js'

/** Jobs at once in one process. */
const concurrency = 4

/** Runs jobs until it is stopped. Should the runner end by itself, as when PostgreSQL went away under it, another is begun. */
export const runJobs = (jobs: readonly Job[], work: Work): Repeated =>
  repeat('jobs', 0, work.log, async (stopped) => {
    const runner = await startRunner(jobs, work)
    let stopping: Promise<void> | undefined
    const stop = () => {
      stopping ??= runner.stop()
    }
    stopped.addEventListener('abort', stop)
    if (stopped.aborted) stop()
    await runner.promise.finally(() => stopped.removeEventListener('abort', stop))
    if (!stopping) throw new Error('the runner of jobs has ended without being asked to')
    await stopping
    return false
  })

function startRunner(jobs: readonly Job[], work: Work): Promise<Runner> {
  const { log, database } = work
  const name = `pencere-jobs-${randomUUID()}`
  // The cast: node's type knows no names of events.
  const events = new EventEmitter() as WorkerEvents
  // Jobs are locked under the name of its connections, so that all can see whether it lives.
  events.on('pool:create', ({ workerPool }) => {
    workerPool.id = name
  })
  return run({
    connectionString: urlForPg(database.url, database.timeouts, name),
    ...{ maxPoolSize: concurrency + 1, concurrency, events },
    noHandleSignals: true,
    // Without a batch, a stop does not wait until it stands in the database that the last jobs are done.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    logger: loggerTo(log),
    taskList: Object.fromEntries(jobs.map((job) => [job.name, taskOf(job, work)])),
  })
}

const taskOf =
  ({ name, run }: Job, work: Work): Task =>
  async (payload, { job: { attempts, max_attempts } }) => {
    // The cast: the sequencer wrote it.
    const event = payload as Omit<EventRow, 'at'> & { at: string }
    try {
      await run({ ...event, at: new Date(event.at) }, work)
      await failpoint('job.ran')
    } catch (error) {
      const what = attempts < max_attempts ? 'a job failed, and will be tried again' : 'a job failed for good'
      work.log.error({ job: name, event: event.id, attempt: attempts, error: loggable(error) }, what)
      throw new Error(lineOf(error))
    }
  }

/** What stands in the job's row. As in the log, no values. */
function lineOf(error: unknown): string {
  // The cast: loggable gives these where there are any.
  const { name, code, message } = loggable(error) as { name: string; code?: string; message?: string }
  return (message || `${name} ${code ?? ''}`).split('\n')[0] as string
}

/** What it says of its troubles; of a job that failed, we have said it without its values. */
const loggerTo = (log: Work['log']) =>
  new Logger(() => (level, message, meta) => {
    if ((level === 'error' || level === 'warning') && !meta?.failure) log.error({ from: 'graphile-worker' }, message)
  })

/**
 * A worker that was killed leaves the jobs it had begun locked, by graphile-worker for four hours. Here who has no connection
 * is dead, and what it had begun is begun anew. Ten seconds are for one whose connections were cut, to come back.
 */
export async function freeJobsOfTheDead({ client }: Pick<Database, 'client'>): Promise<void> {
  await client`
    select graphile_worker.force_unlock_workers(array_agg(distinct locked_by))
    from graphile_worker.jobs
    where locked_at < now() - interval '10 seconds'
      and not exists (select from pg_stat_activity where application_name = locked_by)
    having count(*) > 0`
}
