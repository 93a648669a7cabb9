import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { readEvents } from '../../src/events/readEvents.js'
import { record } from '../../src/events/record.js'
import { sweep, sweepLimit } from '../../src/events/sequencer.js'
import { cloneDatabase } from '../support/database.js'
import { commit, happened, headOf, holdOpen, readAll, sweepAll } from './happened.js'

const database = await cloneDatabase()
const { client, db } = database
await sweepAll(database) // what the seed has done

const from = (first: string, count: number) => Array.from({ length: count }, (_, n) => String(Number(first) + 1 + n))
const subjects = (rows: { subject: string }[]) => rows.map(({ subject }) => subject)

describe('sweep', () => {
  it('numbers an event that was begun first and committed last behind those read meanwhile', async () => {
    const [early, late, after] = [happened(), happened(), happened()]
    const head = await headOf(database)
    const open = await holdOpen(database, early)
    await commit(database, late)
    await sweepAll(database)
    const read = await readAll(database, head)
    expect(subjects(read)).toEqual([late.subject])

    await open.commit()
    await commit(database, after)
    await sweepAll(database)
    const rest = await readAll(database, read[0]?.position)
    expect(subjects(rest)).toEqual([early.subject, after.subject])
    expect(Number(rest[0]?.id)).toBeLessThan(Number(read[0]?.id))
    expect([...read, ...rest].map(({ position }) => position)).toEqual(from(head, 3))
  })

  it('leaves an event as it was recorded', async () => {
    const [partyId, agencyId, version] = [happened().subject, happened().subject, happened().subject]
    const event = happened({ partyId, agencyId, serviceCode: 'A-SERVICE', ids: { version } })
    const head = await headOf(database)
    await commit(database, event)
    await sweepAll(database)
    const [read] = await readAll(database, head)
    expect(read).toEqual({ ...event, id: read?.id, position: String(Number(head) + 1) })
  })

  it('makes events readable, which they are not without a position', async () => {
    const head = await headOf(database)
    await commit(database, happened())
    expect(await readAll(database, head)).toEqual([])
    expect(await sweepAll(database)).toBe(1)
    expect(await readAll(database, head)).toHaveLength(1)
  })

  it('keeps the events of a subject in the order of its lock', async () => {
    await client`create table subjects (id uuid primary key, changes int not null default 0)`
    const { subject } = happened()
    await client`insert into subjects (id) values (${subject})`
    const head = await headOf(database)
    const change = () =>
      db.transaction(async (tx) => {
        const [row] = await tx.execute(
          sql`update subjects set changes = changes + 1 where id = ${subject} returning changes`,
        )
        await record(tx, [happened({ subject, ids: { change: String(row?.changes) } })])
      })
    const sweeps: Promise<number>[] = []
    const sweeping = setInterval(() => sweeps.push(sweep(database, [])), 2)
    await Promise.all(Array.from({ length: 40 }, change))
    clearInterval(sweeping)
    await Promise.all(sweeps) // else one of them still has the head, and the next finds nothing to do
    await sweepAll(database)
    const changes = (await readAll(database, head)).map(({ ids }) => ids.change)
    expect(changes).toEqual(from('0', 40))
  })

  it('gives each position once when several sequencers run', async () => {
    const head = await headOf(database)
    let swept = 0
    const sequencer = async () => {
      for (let round = 0; round < 30; round++) {
        const some = await sweep(database, [])
        swept += some
      }
    }
    const writer = async () => {
      for (let round = 0; round < 50; round++) await commit(database, happened(), happened())
    }
    await Promise.all([writer(), writer(), sequencer(), sequencer(), sequencer()])
    const rest = await sweepAll(database)
    const read = await readAll(database, head)
    expect(swept + rest).toBe(200)
    expect(read.map(({ position }) => position)).toEqual(from(head, 200))
  })

  it('returns at once while another sweep runs', async () => {
    await commit(database, happened())
    const other = await client.reserve()
    await other`begin`
    await other`select 1 from event_head for update`
    expect(await sweep(database, [])).toBe(0)
    await other`rollback`
    other.release()
    expect(await sweep(database, [])).toBe(1)
  })

  it('does nothing when it fails, and gives the same positions at the next attempt', async () => {
    const [one, two] = [happened(), happened()]
    const head = await headOf(database)
    const jobs = [{ name: 'follow', on: ['thing.done'], run: async () => {} }]
    await commit(database, one, two)
    armFailpoints('sequencer.positioned=throw')
    await expect(sweep(database, jobs)).rejects.toThrow('failpoint sequencer.positioned')
    expect(await headOf(database)).toBe(head)
    expect(await readAll(database, head)).toEqual([])
    expect(await client`select 1 from graphile_worker.jobs`).toEqual([])
    expect(await sweep(database, jobs)).toBe(2)
    const read = await readAll(database, head)
    expect(subjects(read)).toEqual([one.subject, two.subject])
    expect(read.map(({ position }) => position)).toEqual(from(head, 2))
  })

  it('continues its numbers after all events were removed', async () => {
    const head = await headOf(database)
    await client.begin(async (tx) => {
      await tx`update retention set class = 'TERM', from_column = 'at', term = '1 day' where table_name = 'events'`
      await tx`select set_config('pencere.removing', 'events'::regclass::oid::text, true)`
      await tx`delete from events`
      await tx`update retention set class = 'PERMANENT', from_column = null, term = null where table_name = 'events'`
    })
    const event = happened()
    await commit(database, event)
    await sweepAll(database)
    expect(await readAll(database)).toMatchObject([{ subject: event.subject, position: String(Number(head) + 1) }])
  })

  it('takes a bounded number of events, the first ones', async () => {
    const head = await headOf(database)
    await client`
    insert into events (domain, type, subject, at, actor, ids)
    select 'things', 'thing.done', gen_random_uuid(), now(), 'nobody', jsonb_build_object('n', n::text)
    from generate_series(1, ${2 * sweepLimit + 5}::int) as n`
    expect(await sweep(database, [])).toBe(sweepLimit)
    expect((await readAll(database, head)).map(({ ids }) => ids.n)).toEqual(from('0', sweepLimit))
    expect([await sweep(database, []), await sweep(database, []), await sweep(database, [])]).toEqual([
      sweepLimit,
      5,
      0,
    ])
  })

  it('serves readEvents with a limit and for chosen domains', async () => {
    const [thing, agency, service] = [happened(), happened({ domain: 'agencies' }), happened({ domain: 'catalogue' })]
    const after = await headOf(database)
    await commit(database, thing, agency, service)
    await sweepAll(database)
    const domains = ['agencies', 'catalogue']
    expect(subjects(await readEvents(database, { after, limit: 9, domains }))).toEqual([
      agency.subject,
      service.subject,
    ])
    expect(subjects(await readEvents(database, { after, limit: 1, domains }))).toEqual([agency.subject])
  })

  it('notifies listeners once, with the last position', async () => {
    const told: string[] = []
    const { unlisten } = await client.listen('events', (position) => told.push(position))
    await commit(database, happened(), happened(), happened())
    await sweepAll(database)
    await expect.poll(() => told).toEqual([await headOf(database)])
    await unlisten()
  })

  it('takes one statement when there is nothing to do', async () => {
    await sweepAll(database)
    database.statements.length = 0
    expect(await sweep(database, [])).toBe(0)
    expect(database.statements).toHaveLength(1)
  })
})
