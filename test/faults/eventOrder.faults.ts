import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { EventRow } from '../../src/events/job.js'
import { readEvents } from '../../src/events/readEvents.js'
import { record } from '../../src/events/record.js'
import { type Database, migrateDatabase, openDatabase } from '../../src/shared/database.js'
import { startEmbeddedPostgres } from '../../src/shared/embeddedPostgres.js'
import { happened } from '../events/happened.js'
import { start, temporaryFolder } from '../support/started.js'

const seconds = 60
const writers = 50
const sequencers = 3
/** In the middle of this sweep of those with something in them a sequencer dies, and is started again. */
const diesAt = 60

interface Journal {
  /** What was told that it has committed. */
  acknowledged: Set<string>
  undone: number
  lockWaits: string[]
  deaths: number
}

/** One after another, each about a thing that it locks first: most have one of their own, some share a few. */
async function write({ db }: Database, writer: number, journal: Journal, ends: number): Promise<void> {
  const thing = writer < 40 ? writer : writer % 3
  for (let turn = 1; Date.now() < ends; turn++) {
    const mark = `${writer}-${turn}`
    const isUndone = turn % 10 === 0
    const written = db.transaction(async (tx) => {
      const [row] = await tx.execute(
        sql`update things set changes = changes + 1 where id = ${thing} returning subject, changes`,
      )
      const { subject, changes } = row as { subject: string; changes: number }
      await record(tx, [happened({ subject, ids: { mark, change: String(changes) } })])
      // Some are slow to commit, so that ids become visible out of their order.
      if (turn % 50 === writer) await sleep(500)
      if (isUndone) tx.rollback()
    })
    if (isUndone)
      await expect(written)
        .rejects.toThrow('Rollback')
        .then(() => journal.undone++)
    else await written.then(() => journal.acknowledged.add(mark))
  }
}

/** Behind the sequencers as close as it can: every event must be the next. */
async function follow(database: Database, read: EventRow[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const more = await readEvents(database, { after: read.at(-1)?.position ?? '0', limit: 500 })
    for (const event of more) {
      expect(Number(event.position)).toBe(read.length + 1)
      read.push(event)
    }
    if (more.length === 0) await sleep(5)
  }
}

/**
 * Nobody is to wait for a lock, but a writer for a thing that another changes. What counts is seen twice: the view reads
 * the statement a moment before the wait, and the writer's next statements may have been quicker than that.
 */
async function watch({ client }: Database, { lockWaits }: Journal, ends: number): Promise<void> {
  let before = new Set<string>()
  while (Date.now() < ends) {
    const waiting = await client<{ told: string }[]>`
      select pid || ' since ' || query_start || ' for ' || wait_event || ': ' || left(query, 40) as told
      from pg_stat_activity
      where wait_event_type = 'Lock' and wait_event <> 'extend' and query not ilike 'update things%'`
    lockWaits.push(...waiting.map(({ told }) => told).filter((told) => before.has(told)))
    before = new Set(waiting.map(({ told }) => told))
    await sleep(5)
  }
}

/** Kept alive, as often as it dies. */
async function keepSequencer(folder: string, url: string, journal: Journal, isOver: () => boolean): Promise<void> {
  const asked = JSON.stringify({ url, failpoints: `sequencer.positioned=kill@${diesAt}` })
  while (!isOver()) {
    const { ended } = start(folder, { command: [process.execPath, 'test/support/workerProcess.js', asked] })
    const over = (async () => {
      while (!isOver()) await sleep(50)
    })()
    await Promise.race([ended, over])
    if (!isOver()) journal.deaths++
  }
}

test(`${writers} writers for ${seconds} s, ${sequencers} sequencers that die, and a reader that follows`, {
  timeout: (seconds + 60) * 1000,
}, async () => {
  const folder = temporaryFolder()
  const server = await startEmbeddedPostgres(`${folder}/data`, { settings: { max_connections: 150 } })
  await migrateDatabase(server.url)
  const database = await openDatabase(server.url, { connections: writers, statementTimeout: 20_000 })
  const aside = await openDatabase(server.url, { connections: 2, statementTimeout: 20_000 })
  await aside.client.unsafe(`
    create table noted (subject uuid); create table held ();
    create table things (id int primary key, subject uuid not null default gen_random_uuid(), changes int not null default 0)`)
  await aside.client`insert into things (id) select n from generate_series(0, 49) n`

  const journal: Journal = { acknowledged: new Set(), undone: 0, lockWaits: [], deaths: 0 }
  const read: EventRow[] = []
  let over = false
  const isOver = () => over
  const sequencing = Array.from({ length: sequencers }, () => keepSequencer(folder, server.url, journal, isOver))
  const following = follow(aside, read, isOver)
  const ends = Date.now() + seconds * 1000
  const writing = Array.from({ length: writers }, (_, writer) => write(database, writer, journal, ends))
  await Promise.race([Promise.all([...writing, watch(aside, journal, ends)]), following])
  await expect.poll(() => read.length, { timeout: 30_000, interval: 50 }).toBe(journal.acknowledged.size)
  over = true
  await Promise.all([following, ...sequencing])

  // What was read while it happened is what stands there: nothing came between or behind.
  expect(await readEvents(aside, { after: '0', limit: 10_000_000 })).toEqual(read)
  expect(new Set(read.map(({ ids }) => ids.mark))).toEqual(journal.acknowledged)
  const last = new Map<string, number>()
  for (const { subject, ids } of read) {
    expect(Number(ids.change)).toBe((last.get(subject) ?? 0) + 1)
    last.set(subject, Number(ids.change))
  }
  expect(journal.lockWaits).toEqual([])
  expect(journal.deaths).toBeGreaterThanOrEqual(3)
  expect(journal.undone).toBeGreaterThan(0)
  const outOfOrder = read.filter(({ id }, index) => Number(id) < Number(read[index - 1]?.id)).length
  console.log(
    `${read.length} events, ${Math.round(read.length / seconds)} a second; ${journal.undone} undone; sequencers died ` +
      `${journal.deaths} times; ${outOfOrder} events stand behind one of a higher id`,
  )
  await Promise.all([database.close(), aside.close()])
  await server.stop()
})
