import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setDeadline } from '../../src/events/deadlines.js'
import { record } from '../../src/events/record.js'
import { beginJobs } from '../../src/events/sequencer.js'
import { type Database, openDatabase } from '../../src/platform/database.js'
import { happened } from '../events/happened.js'
import { cutConnections, postgresForFile, type Started, start, stop, withClient } from '../support/started.js'

let url: string
let dataDir: string
let database: Database
beforeAll(async () => {
  ;({ dataDir, url } = await postgresForFile())
  database = await openDatabase(url, { connections: 1, statementTimeout: 20_000 })
  await database.client.unsafe(`
    create table noted (subject uuid not null); create table held (); grant all on noted, held to public`)
})
afterAll(() => database.close())
beforeEach(() => database.client.unsafe('truncate noted, held; delete from graphile_worker._private_jobs'))

const startWorker = (failpoints = '') => {
  const asked = JSON.stringify({ url, folder: join(dataDir, 'access-log'), failpoints })
  return start(dataDir, { command: [process.execPath, 'test/support/workerProcess.js', asked] })
}
const killed = async ({ process: child, ended }: Started) => {
  expect(await ended).toMatchObject({ code: null, errors: '' })
  expect(child.signalCode).toBe('SIGKILL')
}
const eventually = { timeout: 60_000, interval: 50 }

const want = async (count: number) => {
  const wanted = Array.from({ length: count }, () => happened({ type: 'thing.wanted' }))
  await database.db.transaction((tx) => record(tx, wanted))
  return wanted.map(({ subject }) => subject).sort()
}
const noted = async () => {
  const rows = await database.client<{ subject: string }[]>`select subject from noted order by subject`
  return rows.map(({ subject }) => subject)
}
const jobsLeft = () => database.client`select 1 from graphile_worker.jobs`
/** Each event has a position, without gaps. */
async function expectDense() {
  const [row] = await database.client`
    select count(*)::int as events, count(position)::int as positions, coalesce(max(position), 0)::int as last from events`
  expect(row).toEqual({ events: row?.events, positions: row?.events, last: row?.events })
}
/** A worker has ten seconds to reconnect; an older job counts as abandoned. */
const letTenSecondsPass = () =>
  database.client`update graphile_worker._private_jobs set locked_at = locked_at - interval '10 seconds'`

describe('A worker that is killed', () => {
  it.each(['sequencer.positioned', 'sequencer.swept'])(
    'at %s leaves events whose jobs the next worker runs once',
    async (name) => {
      const wanted = await want(20)
      await killed(startWorker(`${name}=kill`))
      expect(await noted()).toEqual([])
      startWorker()
      await expect.poll(noted, eventually).toEqual(wanted)
      await expect.poll(jobsLeft, eventually).toEqual([])
      await expectDense()
    },
  )

  it('at tick.recorded leaves a deadline that becomes one event', async () => {
    const { at: _at, actor: _actor, subject, ...what } = happened({ type: 'thing.expired' })
    await database.db.transaction((tx) => setDeadline(tx, { ...what, subject, dueAt: new Date() }))
    await killed(startWorker('tick.recorded=kill'))
    expect(await database.client`select 1 from events where subject = ${subject}`).toEqual([])
    expect(await database.client`select 1 from deadlines where subject = ${subject}`).toHaveLength(1)
    startWorker()
    await expect.poll(noted, eventually).toEqual([subject])
    expect(await database.client`select 1 from events where subject = ${subject}`).toHaveLength(1)
    expect(await database.client`select 1 from deadlines where subject = ${subject}`).toEqual([])
  })

  it('at job.ran leaves a job that another worker runs again', async () => {
    const [wanted] = await want(1)
    await killed(startWorker('job.ran=kill'))
    expect(await noted()).toEqual([wanted])
    await letTenSecondsPass()
    startWorker()
    await expect.poll(noted, eventually).toEqual([wanted, wanted])
    await expect.poll(jobsLeft, eventually).toEqual([])
  })

  it('in the middle of a job leaves it to another worker, which runs it again', async () => {
    const [wanted] = await want(1)
    await database.client`insert into held default values`
    const worker = startWorker()
    await expect.poll(noted, eventually).toEqual([wanted])
    worker.process.kill('SIGKILL')
    await killed(worker)
    await database.client`truncate held`
    await letTenSecondsPass()
    startWorker()
    await expect.poll(noted, eventually).toEqual([wanted, wanted])
    await expect.poll(jobsLeft, eventually).toEqual([])
  })
})

describe('A worker', () => {
  it('begins while another sweeps, and does not wait for it', async () => {
    const jobs = [{ name: 'note', on: ['thing.wanted'], run: async () => {} }]
    await beginJobs(database, jobs)
    await withClient(dataDir, (client) =>
      client.begin(async (sweep) => {
        await sweep`update job_heads set position = position`
        await beginJobs(database, jobs)
      }),
    )
  })

  it('that hangs in the middle of a sweep is cut off by PostgreSQL, and another goes on', async () => {
    const hanging = startWorker('sequencer.positioned=wait')
    const wanted = await want(1)
    const hangs = () => database.client`
      select 1 from pg_stat_activity where state = 'idle in transaction' and query like '%pg_notify%'`
    await expect.poll(hangs, eventually).toHaveLength(1)
    startWorker()
    await expect.poll(noted, eventually).toEqual(wanted)
    expect(hanging.process.exitCode).toBeNull()
    await expectDense()
  })

  it('logs that its connections are cut again and again, and goes on', async () => {
    const worker = startWorker()
    const wanted = await want(5)
    await expect.poll(noted, eventually).toEqual(wanted)
    for (let round = 0; round < 100; round++) {
      await cutConnections(database.client)
      wanted.push(...(await want(1)))
      await sleep(20)
    }
    // It repeats the work that was interrupted.
    await expect.poll(async () => [...new Set(await noted())], eventually).toEqual(wanted.sort())
    expect(worker.output()).toContain('a connection was lost')
    expect(await stop(worker)).toBe(0)
  })
})

describe('npm run jobs', () => {
  const jobs = (...asked: string[]) => start(dataDir, { command: [process.execPath, 'dist/jobs.js', ...asked] }).ended

  it('shows what failed for good, has it run again, and drops it', async () => {
    await want(1)
    const worker = startWorker()
    await expect.poll(async () => (await noted()).length, eventually).toBe(1)
    await expect.poll(jobsLeft, eventually).toEqual([])
    await stop(worker)
    expect(await jobs()).toEqual({ code: 0, output: 'No job has failed, and none waits.\n', errors: '' })

    const [job] = await database.client`
      select id from graphile_worker.add_job('note', job_key => (select max(id) || ':note' from events))`
    await database.client`
      update graphile_worker._private_jobs set attempts = max_attempts, last_error = ${'it is down\nhere: …'}`
    const [event] = await database.client`select max(id)::text as id from events`
    const line = `${job?.id} note of event ${event?.id} thing.wanted: FAILED, 25 of 25 attempts — it is down\n`
    expect(await jobs()).toEqual({ code: 0, output: line, errors: '' })
    expect(await jobs('retry', job?.id)).toEqual({ code: 0, output: `Job ${job?.id} will run again.\n`, errors: '' })
    expect(await database.client`select attempts from graphile_worker.jobs`).toEqual([{ attempts: 0 }])
    expect(await jobs('drop', job?.id)).toEqual({ code: 0, output: `Job ${job?.id} is dropped.\n`, errors: '' })
    expect(await jobsLeft()).toEqual([])
  })

  it.each([
    [['drop', '4711'], 'there is no job 4711'],
    [['drop', 'all'], 'the id of a job must be a number; got "all"'],
    [['drop'], 'jobs must be called without anything, with "retry <id>" or with "drop <id>"; got "drop"'],
    [['constructor', '1'], 'got "constructor"'],
    [['retry', '1', '2'], 'got "retry 1 2"'],
  ])('refuses %j in one line', async (asked, line) => {
    const { code, output, errors } = await jobs(...asked)
    expect({ code, output, lines: errors.split('\n').length }).toEqual({ code: 1, output: '', lines: 2 })
    expect(errors).toContain(line)
  })
})
