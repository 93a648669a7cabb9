import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { setDeadline } from '../../src/events/deadlines.js'
import { record } from '../../src/events/record.js'
import { type Database, migrateDatabase, openDatabase } from '../../src/shared/database.js'
import { startEmbeddedPostgres } from '../../src/shared/embeddedPostgres.js'
import { happened } from '../events/happened.js'
import { cutConnections, type Started, start, stop } from '../support/started.js'

const folder = mkdtempSync(join(tmpdir(), 'pencere-events-'))
let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>
let database: Database
beforeAll(async () => {
  server = await startEmbeddedPostgres(folder)
  await migrateDatabase(server.url)
  database = await openDatabase(server.url, { connections: 1, statementTimeout: 20_000 })
  await database.client.unsafe(`
    create table noted (subject uuid not null); create table held (); grant all on noted, held to public`)
})
afterAll(async () => {
  await database.close()
  await server.stop()
  rmSync(folder, { recursive: true })
})
beforeEach(() => database.client.unsafe('truncate noted, held; delete from graphile_worker._private_jobs'))

const startWorker = (failpoints = '') =>
  start(folder, {
    command: [
      process.execPath,
      'test/support/workerProcess.js',
      JSON.stringify({ url: server.url, folder: join(folder, 'access-log'), failpoints }),
    ],
  })
const killed = async ({ process: child, ended }: Started) => {
  expect(await ended).toEqual({ code: null, errors: '' })
  expect(child.signalCode).toBe('SIGKILL')
}
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 50 })

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
/** Of all events: that each has its position, and none is left out. */
async function expectDense() {
  const [row] = await database.client`
    select count(*)::int as events, count(position)::int as positions, coalesce(max(position), 0)::int as last from events`
  expect(row).toEqual({ events: row?.events, positions: row?.events, last: row?.events })
}

describe('A worker is killed', () => {
  test.each(['sequencer.positioned', 'sequencer.swept'])('at %s: the next does all of it, once', async (name) => {
    const wanted = await want(20)
    await killed(startWorker(`${name}=kill`))
    expect(await noted()).toEqual([])
    startWorker()
    await expect.poll(noted, within(20)).toEqual(wanted)
    await expect.poll(jobsLeft, within(5)).toEqual([])
    await expectDense()
  })

  test('at tick.recorded: what was due happens once', async () => {
    const { at: _at, actor: _actor, subject, ...what } = happened({ type: 'thing.expired' })
    await database.db.transaction((tx) => setDeadline(tx, { ...what, subject, dueAt: new Date() }))
    await killed(startWorker('tick.recorded=kill'))
    expect(await database.client`select 1 from events where subject = ${subject}`).toEqual([])
    expect(await database.client`select 1 from deadlines where subject = ${subject}`).toHaveLength(1)
    startWorker()
    await expect.poll(noted, within(20)).toEqual([subject])
    expect(await database.client`select 1 from events where subject = ${subject}`).toHaveLength(1)
    expect(await database.client`select 1 from deadlines`).toEqual([])
  })

  test('at job.ran, before it could say so: another worker does it anew', async () => {
    const [wanted] = await want(1)
    await killed(startWorker('job.ran=kill'))
    expect(await noted()).toEqual([wanted])
    startWorker()
    await expect.poll(noted, within(40)).toEqual([wanted, wanted])
    await expect.poll(jobsLeft, within(5)).toEqual([])
  })

  test('in the middle of a job: another worker does it anew', async () => {
    const [wanted] = await want(1)
    await database.client`insert into held default values`
    const worker = startWorker()
    await expect.poll(noted, within(20)).toEqual([wanted])
    worker.process.kill('SIGKILL')
    await killed(worker)
    await database.client`truncate held`
    startWorker()
    await expect.poll(noted, within(40)).toEqual([wanted, wanted])
    await expect.poll(jobsLeft, within(5)).toEqual([])
  })
})

test('A sequencer that hangs in the middle of a sweep is ended by PostgreSQL, and another goes on', async () => {
  const hanging = startWorker('sequencer.positioned=wait')
  const wanted = await want(1)
  const hangs = () => database.client`
    select 1 from pg_stat_activity where state = 'idle in transaction' and query like '%pg_notify%'`
  await expect.poll(hangs, within(20)).toHaveLength(1)
  startWorker()
  await expect.poll(noted, within(20)).toEqual(wanted)
  expect(hanging.process.exitCode).toBeNull()
  await expectDense()
})

test('A worker whose connections are all cut, also while it makes new ones, says so and goes on', async () => {
  const worker = startWorker()
  let said = ''
  worker.process.stdout?.on('data', (chunk) => {
    said += chunk
  })
  const wanted = await want(5)
  await expect.poll(noted, within(20)).toEqual(wanted)
  for (let round = 0; round < 100; round++) {
    await cutConnections(database.client)
    wanted.push(...(await want(1)))
    await sleep(20)
  }
  // Which it was at when it was cut, it does anew.
  await expect.poll(async () => [...new Set(await noted())], within(60)).toEqual(wanted)
  expect(said).toContain('a connection was lost')
  expect(await stop(worker)).toBe(0)
})

describe('npm run jobs', () => {
  const jobs = async (...asked: string[]) => {
    const environment = { DATABASE_URL: server.url, SANDBOX_ALLOWS: 'database-url' }
    const command = start(folder, { environment, command: [process.execPath, 'dist/jobs.js', ...asked] })
    let said = ''
    command.process.stdout?.on('data', (chunk) => {
      said += chunk
    })
    const { code, errors } = await command.ended
    return { code, said, errors }
  }

  test('shows what failed for good, has it run again, and drops it', async () => {
    await want(1)
    const worker = startWorker()
    await expect.poll(async () => (await noted()).length, within(20)).toBe(1)
    await expect.poll(jobsLeft, within(5)).toEqual([])
    await stop(worker)
    expect(await jobs()).toEqual({ code: 0, said: 'No job has failed, and none waits.\n', errors: '' })

    const [job] = await database.client`
      select id from graphile_worker.add_job('note', job_key => (select max(id) || ':note' from events))`
    await database.client`
      update graphile_worker._private_jobs set attempts = max_attempts, last_error = ${'it is down\nhere: …'}`
    const [event] = await database.client`select max(id)::text as id from events`
    const line = `${job?.id} note of event ${event?.id} thing.wanted: FAILED, 25 of 25 attempts — it is down\n`
    expect(await jobs()).toEqual({ code: 0, said: line, errors: '' })
    expect(await jobs('retry', job?.id)).toEqual({ code: 0, said: `Job ${job?.id} will run again.\n`, errors: '' })
    expect(await database.client`select attempts from graphile_worker.jobs`).toEqual([{ attempts: 0 }])
    expect(await jobs('drop', job?.id)).toEqual({ code: 0, said: `Job ${job?.id} is dropped.\n`, errors: '' })
    expect(await jobsLeft()).toEqual([])
  })

  test.each([
    [['drop', '4711'], 'there must be a job 4711; there is none'],
    [['drop', 'all'], 'the id of a job must be a number; "all" came'],
    [['drop'], 'jobs must be called without anything, with "retry <id>" or with "drop <id>"; "drop" came'],
    [['constructor', '1'], '"constructor" came'],
    [['retry', '1', '2'], '"retry 1 2" came'],
  ])('refuses %j in one line', async (asked, line) => {
    const { code, said, errors } = await jobs(...asked)
    expect({ code, said, lines: errors.split('\n').length }).toEqual({ code: 1, said: '', lines: 2 })
    expect(errors).toContain(line)
  })
})
