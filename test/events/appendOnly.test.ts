import { describe, expect, it } from 'vitest'
import { cloneDatabase } from '../support/database.js'
import { commit, happened, headOf, readAll, sweepAll } from './happened.js'

const database = await cloneDatabase()
const { client } = database
await commit(database, happened(), happened())
await sweepAll(database)
await commit(database, happened())

describe('The table of events', () => {
  it.each([
    ['changed', `update events set actor = 'somebody'`],
    ['changed while it has no position', `update events set actor = 'somebody' where position is null`],
    ['given another position', 'update events set position = position + 10'],
    ['deprived of its position', 'update events set position = null where position = 1'],
    [
      'changed under cover of its position',
      `update events set position = 3, actor = 'somebody' where position is null`,
    ],
    ['deleted', 'delete from events'],
    ['truncated', 'truncate events'],
  ])('refuses an event that is %s', async (_, statement) => {
    const before = await client`select * from events order by id`
    await expect(client.unsafe(statement)).rejects.toThrow('events is only added to')
    expect(await client`select * from events order by id`).toEqual(before)
  })

  it('refuses deletion by the setting of retention while it has no term', async () => {
    const removing = client.begin(async (tx) => {
      await tx`select set_config('pencere.removing', 'events'::regclass::oid::text, true)`
      await tx`delete from events`
    })
    await expect(removing).rejects.toThrow('events is only added to')
  })

  it('refuses a position that is taken', async () => {
    const taken = client`update events set position = 1 where position is null`
    await expect(taken).rejects.toThrow('events_position_unique')
  })

  it('lets the sequencer number its events', async () => {
    expect(await sweepAll(database)).toBe(1)
    expect((await readAll(database)).at(-1)?.position).toBe(await headOf(database))
  })
})
