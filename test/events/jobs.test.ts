import { describe, expect, it, onTestFinished } from 'vitest'
import type { EventRow, Job } from '../../src/events/job.js'
import { dropJob, listJobs, retryJob } from '../../src/events/listJobs.js'
import { record } from '../../src/events/record.js'
import { freeJobsOfTheDead, runJobs } from '../../src/events/runJobs.js'
import { beginJobs, catchUpLimit, sweep } from '../../src/events/sequencer.js'
import { usualTimings } from '../../src/platform/timings.js'
import { cloneDatabase } from '../support/database.js'
import { commit, happened, sweepAll, workOf } from './happened.js'

const database = await cloneDatabase()
const { client, db } = database
await sweepAll(database) // what the seed has done

let names = 0
/** A job that follows from an event of its own, and keeps what it was given. */
function newJob(act: (event: EventRow) => unknown = () => {}) {
  const name = `job${++names}`
  const ran: EventRow[] = []
  const job: Job = {
    name,
    on: [`${name}.wanted`],
    run: async (event) => {
      ran.push(event)
      await act(event)
    },
  }
  return { job, ran, wanted: () => happened({ type: `${name}.wanted` }) }
}

const queued = ({ name }: Job) => client`select * from graphile_worker.jobs where task_identifier = ${name} order by id`
const shown = async ({ name }: Job) => (await listJobs(database, 100)).filter((listed) => listed.name === name)

/** Until the test is over, or told to stop. */
function running(...jobs: Job[]) {
  const { work, logged } = workOf(database)
  const { stop } = runJobs({ name: 'jobs', jobs, concurrency: 4, timeout: usualTimings.jobTimeout }, work)
  onTestFinished(stop)
  return { stop, logged }
}

/** As if the time of its next attempt had come. */
const comeDue = ({ name }: Job) => client`
  update graphile_worker._private_jobs set run_at = now()
  where task_id = (select id from graphile_worker._private_tasks where identifier = ${name})`

async function failOnce({ job }: ReturnType<typeof newJob>) {
  const { stop, logged } = running(job)
  const [before] = await queued(job)
  await expect
    .poll(async () => (await queued(job)).map(({ attempts, locked_at }) => [attempts, locked_at]))
    .toEqual([[before?.attempts + 1, null]])
  await stop()
  return logged
}

describe('A job', () => {
  it('that hangs fails after its time, and is tried again', async () => {
    const { job, wanted } = newJob()
    const hanging = { ...job, run: () => new Promise<never>(() => {}) }
    await beginJobs(database, [job])
    await commit(database, wanted())
    await sweepAll(database, [job])
    const { work } = workOf(database)
    const { stop } = runJobs({ name: 'jobs', jobs: [hanging], concurrency: 4, timeout: 50 }, work)
    await expect
      .poll(async () =>
        (await queued(job)).map(({ attempts, last_error, locked_at }) => [attempts, last_error, locked_at]),
      )
      .toEqual([[1, 'it must end within 50 ms; it has not', null]])
    await stop()
    const [{ id } = {}] = await queued(job)
    await dropJob(database, id)
  })

  it('is queued for a committed event, and for none that was rolled back', async () => {
    const { job, wanted } = newJob()
    const other = { ...newJob().job, on: [...job.on, 'thing.done'] }
    const undone = db.transaction(async (tx) => {
      await record(tx, [wanted()])
      tx.rollback()
    })
    await expect(undone).rejects.toThrow('Rollback')
    await commit(database, wanted(), happened(), happened({ type: 'nobody.cares' }))
    expect(await queued(job)).toEqual([])
    expect(await sweep(database, [job, other])).toBe(3)
    expect(await queued(job)).toHaveLength(1)
    expect(await queued(other)).toHaveLength(2)
    const [{ key } = {}] = await queued(job)
    expect(key).toMatch(new RegExp(`^\\d+:${job.name}$`))
  })

  it('is queued later when the sweeping worker does not know it', async () => {
    const { job, wanted } = newJob()
    const other = newJob()
    await commit(database, wanted())
    await sweepAll(database, [other.job]) // before there was such a job
    await beginJobs(database, [job])
    await commit(database, wanted(), other.wanted())
    await sweepAll(database, [other.job])
    expect([await queued(job), await queued(other.job)].map(({ length }) => length)).toEqual([0, 1])
    expect(await sweep(database, [job, other.job])).toBe(0)
    expect(await queued(job)).toHaveLength(1)
    await commit(database, wanted())
    await sweepAll(database, [job, other.job])
    await beginJobs(database, [job])
    await sweepAll(database, [job, other.job])
    expect([await queued(job), await queued(other.job)].map(({ length }) => length)).toEqual([2, 1])
  })

  it('that is far behind catches up step by step without losing an event', async () => {
    const [{ job, wanted }, other] = [newJob(), newJob()]
    await beginJobs(database, [job])
    await commit(database, wanted())
    await client`
    insert into events (domain, type, subject, at, actor, ids)
    select 'things', 'thing.done', gen_random_uuid(), now(), 'nobody', '{}' from generate_series(1, ${catchUpLimit}::int)`
    await commit(database, wanted(), other.wanted())
    await sweepAll(database, [other.job])
    await sweep(database, [job, other.job])
    expect(await queued(job)).toHaveLength(1)
    await sweep(database, [job, other.job])
    expect([await queued(job), await queued(other.job)].map(({ length }) => length)).toEqual([2, 1])
    const [behind] = await client`select count(*)::int as jobs from job_heads, event_head
    where name in (${job.name}, ${other.job.name}) and job_heads.position < event_head.position`
    expect(behind).toEqual({ jobs: 0 })
  })

  it('runs once per event, with the event as it was recorded', async () => {
    const { job, ran, wanted } = newJob()
    const [partyId, version] = [happened().subject, happened().subject]
    const whole = { ...wanted(), partyId, serviceCode: 'A-SERVICE', ids: { version } }
    await commit(database, whole, ...Array.from({ length: 24 }, wanted))
    await sweepAll(database, [job])
    const { stop } = running(job)
    await expect.poll(() => queued(job)).toEqual([])
    await stop()
    expect(new Set(ran.map(({ id }) => id)).size).toBe(25)
    expect(ran).toHaveLength(25)
    expect(ran.find(({ subject }) => subject === whole.subject)).toEqual({
      ...whole,
      id: expect.stringMatching(/^\d+$/),
      position: expect.stringMatching(/^\d+$/),
      agencyId: null,
    })
  })

  it('is retried later when it fails', async () => {
    let failures = 1
    const failing = newJob(() => {
      if (failures-- > 0) throw new Error('the registry does not answer\nand more')
    })
    const { job, ran, wanted } = failing
    await commit(database, wanted())
    await sweepAll(database, [job])
    const logged = await failOnce(failing)
    const [waiting] = await queued(job)
    expect(waiting?.attempts).toBe(1)
    expect(new Date(waiting?.run_at).getTime()).toBeGreaterThan(Date.now())
    expect(logged).toMatchObject([
      {
        what: {
          job: job.name,
          event: ran[0]?.id,
          attempt: 1,
          error: { message: 'the registry does not answer\nand more' },
        },
        message: 'a job failed; retrying',
      },
    ])
    expect(await shown(job)).toMatchObject([{ state: 'RETRYING', error: 'the registry does not answer', most: 20 }])

    await comeDue(job)
    running(job)
    await expect.poll(() => queued(job)).toEqual([])
    expect(ran.map(({ id }) => id)).toEqual([ran[0]?.id, ran[0]?.id])
  })

  it('stays listed after its last failure, and runs again on retryJob', async () => {
    let mended = false
    const failing = newJob(() => {
      if (!mended) throw new Error('no such registry')
    })
    const { job, ran, wanted } = failing
    await commit(database, wanted())
    await sweepAll(database, [job])
    await client`
    update graphile_worker._private_jobs set attempts = max_attempts - 1 where key like ${`%:${job.name}`}`
    const logged = await failOnce(failing)
    expect(logged).toMatchObject([{ message: 'a job failed for good' }])
    const [failed] = await shown(job)
    expect(failed).toMatchObject({
      state: 'FAILED',
      name: job.name,
      event: ran[0]?.id,
      type: job.on[0],
      attempts: 20,
      most: 20,
      total: 1,
      error: 'no such registry',
    })

    await comeDue(job)
    const again = running(job)
    mended = true
    await retryJob(database, failed!.id)
    await expect.poll(() => queued(job), { timeout: 5000 }).toEqual([])
    await again.stop()
    expect(ran).toHaveLength(2)
  })

  it('is removed by dropJob; an unknown job is neither dropped nor retried', async () => {
    const failing = newJob(() => {
      throw new Error('never')
    })
    await commit(database, failing.wanted())
    await sweepAll(database, [failing.job])
    await failOnce(failing)
    const [{ id } = { id: '' }] = await shown(failing.job)
    await dropJob(database, id)
    expect(await queued(failing.job)).toEqual([])
    await expect(dropJob(database, id)).rejects.toThrow(`there is no job ${id}`)
    await expect(retryJob(database, id)).rejects.toThrow(`there is no job ${id}`)
  })

  it('is neither dropped nor retried while it runs', async () => {
    let end = () => {}
    const { job, wanted } = newJob(() => new Promise<void>((resolve) => (end = resolve)))
    await commit(database, wanted())
    await sweepAll(database, [job])
    running(job)
    const runs = async () => (await queued(job)).filter(({ locked_at }) => locked_at)
    await expect.poll(runs).toHaveLength(1)
    const [{ id } = {}] = await queued(job)
    await expect(dropJob(database, id)).rejects.toThrow(`job ${id} is running`)
    await expect(retryJob(database, id)).rejects.toThrow(`job ${id} is running`)
    end()
  })

  it('that no worker knows waits, and is listed when it has waited long', async () => {
    const [{ job: old, wanted }, other] = [newJob(), newJob()]
    await commit(database, wanted(), other.wanted())
    await sweepAll(database, [old, other.job])
    running(other.job)
    await expect.poll(() => queued(other.job)).toEqual([])
    expect(await queued(old)).toHaveLength(1)
    expect(await shown(old)).toEqual([])
    await client`update graphile_worker._private_jobs set run_at = now() - interval '2 minutes'
    where key like ${`%:${old.name}`}`
    expect(await shown(old)).toMatchObject([{ state: 'WAITING', attempts: 0, error: null }])
  })

  it('is freed when its worker was killed, and not while its worker lives', async () => {
    let end = () => {}
    const alive = newJob(() => new Promise<void>((resolve) => (end = resolve)))
    const dead = newJob()
    await commit(database, alive.wanted(), dead.wanted())
    await sweepAll(database, [alive.job, dead.job])
    running(alive.job)
    await expect.poll(async () => (await queued(alive.job))[0]?.locked_by).toMatch(/^pencere-jobs-/)
    const begun = (ago: string) => client`
    update graphile_worker._private_jobs
    set locked_at = now() - ${ago}::interval, locked_by = coalesce(locked_by, 'pool-of-the-dead')
    where key like any (array[${`%:${alive.job.name}`}, ${`%:${dead.job.name}`}])`
    await begun('5 seconds')
    await freeJobsOfTheDead(database)
    expect((await queued(dead.job))[0]?.locked_by).toBe('pool-of-the-dead')
    await begun('11 seconds')
    await freeJobsOfTheDead(database)
    expect((await queued(dead.job))[0]?.locked_by).toBeNull()
    expect((await queued(alive.job))[0]?.locked_by).toMatch(/^pencere-jobs-/)
    end()
  })

  it('shows no values of a failed statement in its log and row', async () => {
    const failing = newJob(async () => {
      await db.execute(`select 'a secret of somebody'::uuid`)
    })
    await commit(database, failing.wanted())
    await sweepAll(database, [failing.job])
    const logged = await failOnce(failing)
    expect(logged).toMatchObject([{ what: { error: { code: '22P02' } } }])
    expect(JSON.stringify([logged, await queued(failing.job)])).not.toContain('secret')
  })
})
