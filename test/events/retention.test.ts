import { describe, expect, it } from 'vitest'
import { removePastTerms } from '../../src/events/retention.js'
import { cloneDatabase } from '../support/database.js'
import { workOf } from './happened.js'

const database = await cloneDatabase()
const { client } = database
await client`create table letters (id int generated always as identity, at timestamptz not null)`
await client`create table notes (id int generated always as identity, at timestamptz not null)`
await client`delete from retention where class = 'TERM'`
await client`
  insert into retention (table_name, class, from_column, term, reason, confidence) values
  ('absent', 'TERM', 'at', '1 day', 'a table that is not there', 'UNKNOWN'),
  ('letters', 'TERM', 'at', '30 days', 'made up', 'UNKNOWN'),
  ('notes', 'PERMANENT', null, null, 'made up', 'UNKNOWN')`

describe('removePastTerms', () => {
  it('removes exactly the rows past their term, and goes on after a table that fails', async () => {
    await client`insert into letters (at) select now() - interval '31 days' from generate_series(1, 20500)`
    await client`insert into letters (at) select now() - interval '29 days' from generate_series(1, 3)`
    await client`insert into notes (at) values (now() - interval '31 days')`
    const { work, logged } = workOf(database)
    expect(await removePastTerms(work)).toBe(20_500)
    expect(await client`select 1 from letters`).toHaveLength(3)
    expect(await client`select 1 from notes`).toHaveLength(1)
    expect(logged).toMatchObject([
      { what: { table: 'absent', error: { code: '42P01' } } },
      { what: { removed: 20_500 } },
    ])
  })

  it('removes nothing early when its clock is ahead or behind', async () => {
    const ahead = workOf(database, () => new Date(Date.now() + 10 * 86_400_000))
    expect(await removePastTerms(ahead.work)).toBe(0)
    const behind = workOf(database, () => new Date(Date.now() - 10 * 86_400_000))
    await client`insert into letters (at) values (now() - interval '31 days')`
    expect(await removePastTerms(behind.work)).toBe(0)
    expect(await removePastTerms(workOf(database).work)).toBe(1)
  })
})
