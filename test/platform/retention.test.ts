import { pgTable, timestamp } from 'drizzle-orm/pg-core'
import type { ISql } from 'postgres'
import { describe, expect, it } from 'vitest'
import { describeTable } from '../../src/platform/describeTable.js'
import { retentionRows, seedRetention } from '../../src/platform/retention.js'
import { described, loadTables } from '../../src/platform/tables.js'
import { cloneDatabase } from '../support/database.js'

const { client } = await cloneDatabase()
const rows = retentionRows(await loadTables())

/** Tables that nobody thought of, and terms that nothing could be counted from. */
const retentionFaults = async (sql: ISql) => [
  ...(await sql`
    select c.oid::regclass::text || ' has no class' as fault
    from pg_class c where relkind in ('r', 'p') and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
      and not exists (select from retention where table_name = c.oid::regclass::text)`),
  ...(await sql`select table_name || ' is no table' as fault from retention where to_regclass(table_name) is null`),
  ...(await sql`
    select table_name || '.' || from_column || ' is no moment' as fault from retention
    where class = 'TERM' and not exists (select from pg_attribute where attrelid = to_regclass(table_name)
      and attname = from_column and atttypid = 'timestamptz'::regtype)`),
]

const faultsAfter = async (...changes: string[]) => {
  let faults: unknown[] = []
  await client
    .begin(async (tx) => {
      for (const change of changes) await tx.unsafe(change)
      faults = (await retentionFaults(tx)).map(({ fault }) => fault)
      throw new Error('rolled back')
    })
    .catch((error) => expect(error.message).toBe('rolled back'))
  return faults
}

describe('seedRetention', () => {
  it('has a class for every table and a timestamp column for every term', async () => {
    expect(await retentionFaults(client)).toEqual([])
    const term = `update retention set class = 'TERM', term = '1 day'`
    expect(await faultsAfter('create table fourth (id int)')).toEqual(['fourth has no class'])
    expect(await faultsAfter('create schema b', 'create table b.fifth ()')).toEqual(['b.fifth has no class'])
    expect(await faultsAfter('alter table seeds rename to sown')).toEqual(['sown has no class', 'seeds is no table'])
    expect(await faultsAfter(`${term}, from_column = 'done' where table_name = 'events'`)).toEqual([
      'events.done is no moment',
    ])
    expect(await faultsAfter(`${term}, from_column = 'id' where table_name = 'events'`)).toEqual([
      'events.id is no moment',
    ])
    expect(await faultsAfter(`${term}, from_column = 'at' where table_name = 'events'`)).toEqual([])
  })

  it('adds, changes and removes rows as the tables do', async () => {
    const of = async (table: string) =>
      (await client`select class, term::text from retention where table_name = ${table}`)[0]
    const changed = rows
      .filter(({ table }) => table !== 'fees')
      .map((row) => (row.table === 'seeds' ? { ...row, class: 'TERM', from: 'at', term: '2 years' } : row))
    await seedRetention(client, changed)
    expect(await of('seeds')).toEqual({ class: 'TERM', term: '2 years' })
    expect(await of('fees')).toBeUndefined()
    await seedRetention(client, rows)
    expect(await of('seeds')).toEqual({ class: 'TRANSIENT', term: null })
    expect(await of('fees')).toEqual({ class: 'WITH_ITS_SUBJECT', term: null })
  })

  it('does not write unchanged rows', async () => {
    const versions = () => client`select table_name, xmin from retention order by 1`
    const before = await versions()
    await seedRetention(client, rows)
    expect(await versions()).toEqual(before)
  })
})

describe('retentionRows', () => {
  it('names the column of a term as the database does', () => {
    const letters = pgTable('letters', { sentAt: timestamp('sent_at') })
    describeTable(letters, { retention: { class: 'TERM', from: 'sentAt', term: '5 years', reason: 'A law.' } })
    expect(retentionRows([described('letter.table.ts', letters)])).toContainEqual({
      table: 'letters',
      class: 'TERM',
      from: 'sent_at',
      term: '5 years',
      reason: 'A law.',
      confidence: 'GENERAL_KNOWLEDGE',
      source: null,
    })
  })
})

describe('remove_past_term', () => {
  it('ignores a temporary table named retention', async () => {
    await client.begin(async (tx) => {
      await tx`set local client_min_messages = error`
      await tx`insert into events (domain, type, subject, at, actor, ids)
      values ('sandbox', 'a.b', '00000000-0000-7000-8000-000000000001', '2000-01-01', 'nobody', '{}')`
      await tx`create temporary table retention (like public.retention) on commit drop`
      await tx`insert into pg_temp.retention values ('events', 'TERM', 'at', '1 day', '-', 'UNKNOWN', null)`
      await expect(tx.savepoint((point) => point`select remove_past_term('events', now(), 10)`)).rejects.toThrow(
        'events has no term',
      )
    })
  })
})
