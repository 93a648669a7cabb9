import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger, type Runner, run, type Task, type TaskList, type WorkerEvents } from 'graphile-worker'
import type { Pool } from 'pg'
import { loggable } from '../engine/errors.js'
import { failpoint } from '../engine/failpoint.js'
import { beforeDeadline } from '../engine/statement.js'
import type { Database } from '../platform/database.js'
import { openPgPool } from '../platform/pgPool.js'
import { type EventRow, type Job, type Work, workerConnections } from './job.js'
import { hung, type Repeated, repeat } from './repeat.js'

/** Milliseconds before a failed runner restarts. */
const timeToEnd = 10_000

interface Running {
  name: string
  jobs: readonly Job[]
  /** Concurrent jobs in one process. */
  concurrency: number
  /** Milliseconds. */
  timeout: number
}

/** Runs jobs until it is stopped. Restarts the runner if it fails, for example when PostgreSQL ends. */
export const runJobs = ({ name: loop, jobs, concurrency, timeout }: Running, work: Work): Repeated =>
  repeat(loop, { pause: 0, log: work.log }, async (stopped) => {
    const name = `${workerConnections}${randomUUID()}`
    const lost = (error: Error) => work.log.error({ loop, error: loggable(error) }, 'a connection was lost')
    const { url, timeouts } = work.database
    const pool = openPgPool(url, { ...timeouts, connections: concurrency + 1, name, lost })
    const { events, broken } = eventsOf(name)
    const tasks = { taskList: tasksOf(jobs, work, timeout), concurrency }
    const runner = await startRunner(tasks, work.log, pool, events).catch((error) => {
      pool.end().catch(lost) // not awaited: it waits for connections in use, and one may hang
      throw error
    })
    try {
      await untilStopped(stopped, Promise.race([broken, runner.promise]))
      await runner.stop()
    } finally {
      retire(runner, pool).catch(lost)
    }
    return false
  })

function eventsOf(name: string): { events: WorkerEvents; broken: Promise<never> } {
  // The cast: node's type knows no event names.
  const events = new EventEmitter() as WorkerEvents
  // Jobs are locked under the connection's name, so everybody can see whether their worker lives.
  events.on('pool:create', ({ workerPool }) => {
    workerPool.id = name
  })
  // graphile-worker survives neither of two failures. If it twice cannot store a job's result, it never ends. If it
  // cannot ask which tasks exist, it remembers the failure and tells nobody.
  const broken = new Promise<never>((_, reject) => {
    events.on('pool:fatalError', ({ error }) => reject(error))
    events.on('worker:getJob:error', ({ error }) => reject(error))
  })
  broken.catch(() => {}) // also before anybody waits for it
  return { events, broken }
}

interface Tasks {
  taskList: TaskList
  concurrency: number
}
function startRunner(tasks: Tasks, log: Work['log'], pgPool: Pool, events: WorkerEvents): Promise<Runner> {
  return run({
    ...tasks,
    pgPool,
    events,
    noHandleSignals: true,
    // Without batching, a stop need not wait until the last results are stored.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    logger: loggerTo(log),
  })
}

async function untilStopped(stopped: AbortSignal, ended: Promise<unknown>): Promise<void> {
  if (stopped.aborted) return
  const waiting = new AbortController()
  const unasked = ended.then(() => {
    throw new Error('the job runner ended unexpectedly')
  })
  await Promise.race([once(stopped, 'abort', waiting), unasked]).finally(() => waiting.abort())
}

/** Running jobs may end. A job that does not end in time restarts elsewhere. */
async function retire(runner: Runner, pool: Pool): Promise<void> {
  const ended = runner.stop().catch(() => runner.promise) // it refuses if a stop is in progress
  await Promise.race([ended, sleep(timeToEnd, undefined, { ref: false })]).catch(() => {})
  await pool.end()
}

const tasksOf = (jobs: readonly Job[], work: Work, timeout: number): TaskList =>
  Object.fromEntries(jobs.map((job) => [job.name, taskOf(job, work, timeout)]))

const taskOf =
  ({ name, run }: Job, work: Work, timeout: number): Task =>
  async (payload, { job: { attempts, max_attempts } }) => {
    // The cast: the sequencer wrote it.
    const event = payload as Omit<EventRow, 'at'> & { at: string }
    try {
      // A job may run twice: beside one that hangs, another attempt may begin.
      await beforeDeadline(
        Date.now() + timeout,
        () => run({ ...event, at: new Date(event.at) }, work),
        () => hung(timeout),
      )
      await failpoint('job.ran')
    } catch (error) {
      const what = attempts < max_attempts ? 'a job failed; retrying' : 'a job failed for good'
      work.log.error({ job: name, event: event.id, attempt: attempts, error: loggable(error) }, what)
      throw new Error(lineOf(error))
    }
  }

/** The error in the job's row. Without values, as in the log. */
function lineOf(error: unknown): string {
  // The cast: loggable returns these if they exist.
  const { name, code, message } = loggable(error) as { name: string; code?: string; message?: string }
  return (message || `${name} ${code ?? ''}`).split('\n')[0] as string
}

/** graphile-worker's own log. A failed job is already logged, without its values. */
const loggerTo = (log: Work['log']) =>
  new Logger(() => (level, message, meta) => {
    if ((level === 'error' || level === 'warning') && !meta?.failure) log.error({ from: 'graphile-worker' }, message)
  })

/**
 * graphile-worker keeps the jobs of a killed worker locked for four hours. Here a worker without a connection counts as
 * dead, and its jobs start again. A worker whose connections were cut has ten seconds to reconnect.
 */
export async function freeJobsOfTheDead({ client }: Pick<Database, 'client'>): Promise<void> {
  await client`
    select graphile_worker.force_unlock_workers(array_agg(distinct locked_by))
    from graphile_worker.jobs
    where locked_at < now() - interval '10 seconds'
      and not exists (select from pg_stat_activity where application_name = locked_by)
    having count(*) > 0`
}
