import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { EventRow } from '../../src/events/job.js'
import { readEvents } from '../../src/events/readEvents.js'
import { record } from '../../src/events/record.js'
import { type Database, openDatabase } from '../../src/platform/database.js'
import { happened, headOf, sweepAll } from '../events/happened.js'
import { long } from '../support/long.js'
import { postgresForFile, start } from '../support/started.js'

const seconds = long ? 60 : 10
const writers = 50
const sequencers = 3
/** A sequencer dies in the middle of this non-empty sweep, and is restarted. */
const diesAt = long ? 60 : 10

interface Journal {
  /** Acknowledged commits of a writer. */
  acknowledged: Set<string>
  undone: number
  lockWaits: string[]
  deaths: number
}

/** Writes one after another. Each locks its thing first: most have their own, some share a few. */
async function write({ db }: Database, writer: number, journal: Journal, isOver: () => boolean): Promise<void> {
  const thing = writer < 40 ? writer : writer % 3
  for (let turn = 1; !isOver(); turn++) {
    const mark = `${writer}-${turn}`
    const isUndone = turn % 10 === 0
    const written = db.transaction(async (tx) => {
      const [row] = await tx.execute(
        sql`update things set changes = changes + 1 where id = ${thing} returning subject, changes`,
      )
      const { subject, changes } = row as { subject: string; changes: number }
      await record(tx, [happened({ subject, ids: { mark, change: String(changes) } })])
      // Some commit slowly, so that ids become visible out of order.
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

/** Reads directly behind the sequencers: every event must be the next. */
async function follow(database: Database, head: string, read: EventRow[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const more = await readEvents(database, { after: read.at(-1)?.position ?? head, limit: 500 })
    for (const event of more) {
      expect(Number(event.position)).toBe(Number(head) + read.length + 1)
      read.push(event)
    }
    if (more.length === 0) await sleep(5)
  }
}

/**
 * Nobody may wait for a lock, except a writer for a thing that another writer changes. Only a wait seen twice counts:
 * the view reads the statement a moment before the wait, and the writer may have moved on.
 */
async function watch({ client }: Database, { lockWaits }: Journal, isOver: () => boolean): Promise<void> {
  let before = new Set<string>()
  while (!isOver()) {
    const waiting = await client<{ wait: string }[]>`
      select format('%s since %s for %s: %s, behind: %s', pid, query_start, wait_event, query, (
        select string_agg(query, '; ') from pg_stat_activity where pid = any(pg_blocking_pids(waiting.pid)))) as wait
      from pg_stat_activity waiting
      where wait_event_type = 'Lock' and wait_event <> 'extend' and query not ilike 'update things%'`
    lockWaits.push(...waiting.map(({ wait }) => wait).filter((wait) => before.has(wait)))
    before = new Set(waiting.map(({ wait }) => wait))
    await sleep(5)
  }
}

/** Restarts a sequencer whenever it dies. */
async function keepSequencer(dataDir: string, url: string, journal: Journal, over: AbortSignal): Promise<void> {
  const asked = { url, folder: `${dataDir}/access-log`, failpoints: `sequencer.positioned=kill@${diesAt}` }
  const command = [process.execPath, 'test/support/workerProcess.js', JSON.stringify(asked)]
  while (!over.aborted) {
    await Promise.race([start(dataDir, { command }).ended, once(over, 'abort')])
    if (!over.aborted) journal.deaths++
  }
}

describe('The order of events', () => {
  const name = `is dense and that of each thing, for ${writers} writers in ${seconds} s, ${sequencers} sequencers that die, and a reader`
  it(name, { timeout: (seconds + 300) * 1000 }, async () => {
    const { dataDir, url } = await postgresForFile({ max_connections: 150 })
    const database = await openDatabase(url, { connections: writers, statementTimeout: 60_000 })
    const aside = await openDatabase(url, { connections: 2, statementTimeout: 60_000 })
    await aside.client.unsafe(`
      create table noted (subject uuid); create table held ();
      create table things (id int primary key, subject uuid not null default gen_random_uuid(), changes int not null default 0)`)
    await aside.client`insert into things (id) select n from generate_series(0, 49) n`
    await sweepAll(aside)
    const head = await headOf(aside)

    const journal: Journal = { acknowledged: new Set(), undone: 0, lockWaits: [], deaths: 0 }
    const read: EventRow[] = []
    const over = new AbortController()
    const sequencing = Array.from({ length: sequencers }, () => keepSequencer(dataDir, url, journal, over.signal))
    const following = follow(aside, head, read, () => over.signal.aborted)
    const ends = Date.now() + seconds * 1000
    const isWritten = () => Date.now() > ends && journal.deaths >= sequencers
    const writing = Array.from({ length: writers }, (_, writer) => write(database, writer, journal, isWritten))
    await Promise.race([Promise.all([...writing, watch(aside, journal, isWritten)]), following])
    await expect.poll(() => read.length, { timeout: 60_000, interval: 50 }).toBe(journal.acknowledged.size)
    over.abort()
    await Promise.all([following, ...sequencing])

    // The reader saw exactly the table: nothing between or behind.
    expect(await readEvents(aside, { after: head, limit: 10_000_000 })).toEqual(read)
    expect(new Set(read.map(({ ids }) => ids.mark))).toEqual(journal.acknowledged)
    const last = new Map<string, number>()
    for (const { subject, ids } of read) {
      expect(Number(ids.change)).toBe((last.get(subject) ?? 0) + 1)
      last.set(subject, Number(ids.change))
    }
    expect(journal.lockWaits).toEqual([])
    expect(journal.undone).toBeGreaterThan(0)
    const outOfOrder = read.filter(({ id }, index) => Number(id) < Number(read[index - 1]?.id)).length
    console.log(
      `${read.length} events, ${journal.undone} undone; sequencers died ${journal.deaths} times; ` +
        `${outOfOrder} events come after one of a higher id`,
    )
    await Promise.all([database.close(), aside.close()])
  })
})
