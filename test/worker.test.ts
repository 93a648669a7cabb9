import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { signingKeysFrom } from '../src/documents/issued/signingKeysFrom.js'
import { scannerOf } from '../src/documents/uploads/scanner.js'
import { recurringOf } from '../src/domains.js'
import { setDeadline } from '../src/events/deadlines.js'
import type { EventRow, Job } from '../src/events/job.js'
import { repeat } from '../src/events/repeat.js'
import { usualTimings } from '../src/platform/timings.js'
import type { SigningKeys } from '../src/shared/signingKeys.js'
import { withoutTrust } from '../src/shared/trust.js'
import { startWorker } from '../src/worker.js'
import { commit, happened, workOf } from './events/happened.js'
import { cloneDatabase } from './support/database.js'
import { filesOfTest } from './support/files.js'
import { folderOfTest } from './support/folder.js'
import { noProviders } from './support/providers.js'
import { freshSigningKeys } from './support/signingKeys.js'

const database = await cloneDatabase()
const { db, client } = database
const recurring = recurringOf({
  trust: withoutTrust,
  files: filesOfTest(),
  scanner: scannerOf(undefined),
  verifyAt: undefined,
  accessLogDir: folderOfTest(),
  providers: noProviders,
  timings: usualTimings,
})
const { at: _at, actor: _actor, ...what } = happened({ type: 'thing.expired' })
const dueAt = new Date('2031-05-06T12:00:00Z')

interface Parts {
  now(): Date
  requestTimeout: number
  signingKeys: SigningKeys
}
function start(jobs: Job[], { now = () => new Date(), requestTimeout = 10_000, ...parts }: Partial<Parts> = {}) {
  const { work, logged } = workOf(database, now)
  const worker = startWorker({
    config: { requestTimeout, timings: usualTimings },
    jobs,
    recurring,
    ...work,
    ...parts,
  })
  onTestFinished(worker.stop)
  return { worker, logged }
}

describe('repeat', () => {
  it('leaves a round that hangs and begins the next', async () => {
    const { work, logged } = workOf(database)
    let rounds = 0
    const { stop } = repeat('test', { pause: 10, timeout: 50, log: work.log }, () => {
      rounds++
      return rounds === 1 ? new Promise<never>(() => {}) : Promise.resolve(false)
    })
    await expect.poll(() => rounds).toBeGreaterThan(1)
    await stop()
    expect(JSON.stringify(logged)).toContain('must end within 50 ms')
  })
})

describe('startWorker', () => {
  it('turns a due deadline into an event, and the event into a job', async () => {
    await db.transaction((tx) => setDeadline(tx, { ...what, dueAt }))
    const ran: EventRow[] = []
    const job: Job = { name: 'expire', on: ['thing.expired'], run: async (event) => void ran.push(event) }
    const before = start([job], { now: () => new Date(dueAt.getTime() - 1) })
    await expect.poll(() => client`select 1 from events where position is null`).toEqual([])
    await before.worker.stop()
    expect(ran).toEqual([])

    const { worker, logged } = start([job], { now: () => dueAt })
    await expect.poll(() => ran, { timeout: 5000 }).toMatchObject([{ subject: what.subject, at: dueAt }])
    await worker.stop()
    expect(logged).toEqual([])
  })

  it('runs a short job while long ones take all their room', async () => {
    let end = () => {}
    const slow = new Promise<void>((settle) => {
      end = settle
    })
    const ran: string[] = []
    const long: Job = { name: 'long', on: ['thing.long'], isLong: true, run: () => slow }
    const short: Job = { name: 'short', on: ['thing.short'], run: async ({ subject }) => void ran.push(subject) }
    const { worker } = start([long, short])
    await commit(database, ...Array.from({ length: 6 }, () => happened({ type: 'thing.long' })))
    const wanted = happened({ type: 'thing.short' })
    await commit(database, wanted)
    await expect.poll(() => ran, { timeout: 5000 }).toEqual([wanted.subject])
    end()
    await worker.stop()
  })

  /** A job that ends when it is told to. */
  async function startSlowJob(name: string, requestTimeout: number) {
    await db.transaction((tx) => setDeadline(tx, { ...what, dueAt }))
    let end = () => {}
    let begin = () => {}
    const begun = new Promise<void>((settle) => {
      begin = settle
    })
    const slow = new Promise<void>((settle) => {
      end = settle
    })
    const run = () => {
      begin()
      return slow
    }
    const { worker } = start([{ name, on: ['thing.expired'], run }], { now: () => dueAt, requestTimeout })
    await begun
    return { worker, end }
  }

  it('waits for the running job when it stops', async () => {
    const { worker, end } = await startSlowJob('expireSlowly', 10_000)
    let stopped = false
    const stopping = worker.stop().then(() => {
      stopped = true
    })
    await sleep(100)
    expect(stopped).toBe(false)
    end()
    await stopping
    expect(await client`select 1 from graphile_worker.jobs where task_identifier = 'expireSlowly'`).toEqual([])
  })

  it('does not wait for a job longer than a request may take and one second', async () => {
    const { worker, end } = await startSlowJob('expireNever', -900)
    await worker.stop()
    const left = await client`select locked_by from graphile_worker.jobs where task_identifier = 'expireNever'`
    expect(left).toEqual([{ locked_by: expect.any(String) }])
    end()
  })

  it('logs a failing statement and tries again, also without jobs', async () => {
    await client`alter table deadlines rename to deadlines_elsewhere`
    const { worker, logged } = start([])
    await expect.poll(() => logged.length, { timeout: 5000 }).toBeGreaterThan(1)
    await client`alter table deadlines_elsewhere rename to deadlines`
    await worker.stop()
    expect(logged[0]).toMatchObject({
      what: { loop: 'tick', error: { code: '42P01' } },
      message: 'failed; retrying',
    })
  })

  it.each([
    ['two jobs of one name', ['note', 'note'], ['thing.done'], 'each job must have its own name; two are named note'],
    [
      'a job with an event type that appears twice',
      ['note'],
      ['thing.done', 'thing.done'],
      'the job note must name each type of event once',
    ],
  ])('refuses %s', (_, names, on, refusal) => {
    expect(() => start(names.map((name) => ({ name, on, run: async () => {} })))).toThrow(refusal)
  })

  it('logs the signing keys that must be renewed', async () => {
    const signingKeys = signingKeysFrom(JSON.stringify(await freshSigningKeys()), { isSandbox: false, keys: 'all' })
    const { logged } = start([], { signingKeys })
    const message = 'a signing key must be valid for 30 days more: have its certificate renewed'
    await expect.poll(() => logged.length).toBe(2)
    expect(logged.map((line) => [line.message, line.what])).toEqual([
      [message, expect.objectContaining({ signingKey: 'receipts-2' })],
      [message, expect.objectContaining({ signingKey: 'dvx-1' })],
    ])
  })
})
