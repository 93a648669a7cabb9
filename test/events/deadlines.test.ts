import { describe, expect, it } from 'vitest'
import { armFailpoints } from '../../src/engine/failpoint.js'
import { clearDeadline, setDeadline, tick, tickLimit } from '../../src/events/deadlines.js'
import { record } from '../../src/events/record.js'
import { cloneDatabase } from '../support/database.js'
import { happened, headOf, readAll, sweepAll } from './happened.js'

const database = await cloneDatabase()
const { client, db } = database

const at = (time: string) => new Date(`2026-03-02T${time}:00Z`)
const deadline = (time: string, more = {}) => {
  const { at: _at, actor: _actor, ...what } = happened({ type: 'thing.expired', ...more })
  return { ...what, dueAt: at(time) }
}
const waiting = () => client`
  select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
type Deadline = Parameters<typeof setDeadline>[1]
const set = (...set: Deadline[]) =>
  db.transaction(async (tx) => void (await Promise.all(set.map((one) => setDeadline(tx, one)))))
const clear = ({ type, subject }: Deadline) => db.transaction((tx) => clearDeadline(tx, type, subject))

async function headNow() {
  await sweepAll(database)
  return await headOf(database)
}

async function happenedSince(head: string) {
  await sweepAll(database)
  return await readAll(database, head)
}

describe('tick', () => {
  it('records each due deadline once, at its due moment, the oldest first', async () => {
    const [late, early, future] = [
      deadline('09:30', { partyId: happened().subject, serviceCode: 'A-SERVICE' }),
      deadline('09:00'),
      deadline('10:01'),
    ]
    const head = await headNow()
    await set(late, early, future)
    expect(await tick(database, at('08:59'))).toBe(0)
    expect(await tick(database, at('10:00'))).toBe(2)
    expect(await tick(database, at('10:00'))).toBe(0)
    const said = await happenedSince(head)
    expect(said).toMatchObject([
      { type: 'thing.expired', subject: early.subject, at: at('09:00'), actor: 'deadline', partyId: null },
      {
        type: 'thing.expired',
        subject: late.subject,
        at: at('09:30'),
        actor: 'deadline',
        partyId: late.partyId,
        serviceCode: 'A-SERVICE',
      },
    ])
    expect(await tick(database, at('10:01'))).toBe(1)
  })

  it('follows a deadline that was set again, and keeps types apart', async () => {
    const first = deadline('09:00', { partyId: happened().subject, ids: { step: '1' } })
    const head = await headNow()
    await set(first)
    await set({ ...deadline('11:00'), subject: first.subject, ids: { step: '2' } })
    await set({ ...deadline('09:00', { type: 'thing.warned' }), subject: first.subject })
    expect(await tick(database, at('10:00'))).toBe(1)
    expect(await tick(database, at('11:00'))).toBe(1)
    const said = await happenedSince(head)
    expect(said.map(({ type }) => type)).toEqual(['thing.warned', 'thing.expired'])
    expect(said[1]).toMatchObject({ at: at('11:00'), ids: { step: '2' }, partyId: null })
  })

  it('skips a cleared deadline; clearDeadline returns whether it was in time', async () => {
    const [cleared, over] = [deadline('09:00'), deadline('09:00')]
    await set(cleared)
    expect(await clear(cleared)).toBe(true)
    expect(await tick(database, at('10:00'))).toBe(0)
    await set(over)
    expect(await tick(database, at('10:00'))).toBe(1)
    expect(await clear(over)).toBe(false)
  })

  it('finds no deadline of a transaction that was rolled back', async () => {
    const undone = db.transaction(async (tx) => {
      await setDeadline(tx, deadline('09:00'))
      tx.rollback()
    })
    await expect(undone).rejects.toThrow('Rollback')
    expect(await tick(database, at('10:00'))).toBe(0)
  })

  it('leaves a locked deadline without waiting', async () => {
    const [moving, other] = [deadline('09:00'), deadline('09:10')]
    await set(moving, other)
    await db.transaction(async (tx) => {
      await setDeadline(tx, { ...moving, dueAt: at('12:00') })
      expect(await tick(database, at('10:00'))).toBe(1)
    })
    expect(await tick(database, at('11:00'))).toBe(0)
    expect(await tick(database, at('12:00'))).toBe(1)
  })

  it('records its event before that of a command that came too late', async () => {
    const one = deadline('09:00')
    const head = await headNow()
    await set(one)
    let late: Promise<boolean> | undefined
    await db.transaction(async (tx) => {
      // A tick, but for its end.
      await tx.execute(`select 1 from deadlines where subject = '${one.subject}' for update`)
      late = db.transaction(async (other) => {
        const inTime = await clearDeadline(other, one.type, one.subject)
        await record(other, [happened({ subject: one.subject, type: 'thing.done' })])
        return inTime
      })
      await expect.poll(() => waiting()).toHaveLength(1)
      await tx.execute(`delete from deadlines where subject = '${one.subject}'`)
      await record(tx, [happened({ subject: one.subject, type: one.type })])
    })
    expect(await late).toBe(false)
    expect((await happenedSince(head)).map(({ type }) => type)).toEqual(['thing.expired', 'thing.done'])
  })

  it('does nothing when it fails, and everything at the next attempt', async () => {
    const head = await headNow()
    await set(deadline('09:00'), deadline('09:00'))
    armFailpoints('tick.recorded=throw')
    await expect(tick(database, at('10:00'))).rejects.toThrow('failpoint tick.recorded')
    expect(await happenedSince(head)).toEqual([])
    expect(await tick(database, at('10:00'))).toBe(2)
    expect(await happenedSince(head)).toHaveLength(2)
  })

  it('shares the due deadlines with concurrent ticks', async () => {
    const head = await headNow()
    const all = Array.from({ length: tickLimit + 20 }, () => deadline('09:00'))
    await set(...all)
    const first = await Promise.all([1, 2, 3].map(() => tick(database, at('10:00'))))
    const rest = await tick(database, at('10:00'))
    expect(Math.max(...first)).toBeLessThanOrEqual(tickLimit)
    expect(first.reduce((sum, some) => sum + some, rest)).toBe(all.length)
    const said = (await happenedSince(head)).map(({ subject }) => subject)
    expect(said.sort()).toEqual(all.map(({ subject }) => subject).sort())
  })
})
