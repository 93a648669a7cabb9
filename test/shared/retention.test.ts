import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ISql } from 'postgres'
import { describe, expect, it, onTestFinished } from 'vitest'
import data from '../../src/platform/retention.data.json' with { type: 'json' }
import { retentionFile, seedRetention } from '../../src/platform/retention.js'
import { cloneDatabase } from '../support/database.js'

const { client } = await cloneDatabase()

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

async function seedWith(change: (file: typeof data) => unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'pencere-retention-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await mkdir(join(folder, 'platform'))
  const file = structuredClone(data)
  change(file)
  writeFileSync(join(folder, 'platform/retention.data.json'), JSON.stringify(file))
  await seedRetention(client, pathToFileURL(`${folder}/`))
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

  it('adds, changes and removes rows as the file does', async () => {
    const of = async (table: string) =>
      (await client`select class, term::text from retention where table_name = ${table}`)[0]
    await seedWith(({ tables }) => {
      Object.assign(tables.find(({ table }) => table === 'seeds') ?? {}, { class: 'TERM', from: 'at', term: '2 years' })
      tables.splice(
        tables.findIndex(({ table }) => table === 'fees'),
        1,
      )
    })
    expect(await of('seeds')).toEqual({ class: 'TERM', term: '2 years' })
    expect(await of('fees')).toBeUndefined()
    await seedRetention(client)
    expect(await of('seeds')).toEqual({ class: 'TRANSIENT', term: null })
    expect(await of('fees')).toEqual({ class: 'WITH_ITS_SUBJECT', term: null })
  })

  it('does not write unchanged rows', async () => {
    const versions = () => client`select table_name, xmin from retention order by 1`
    const before = await versions()
    await seedRetention(client)
    expect(await versions()).toEqual(before)
  })

  it.each([
    ['a term without its column', { class: 'TERM', from: null, term: '1 year' }, /from: given with TERM/],
    ['a term without TERM', { class: 'PERMANENT', from: null, term: '1 year' }, /term: given with TERM, and null/],
    ['a term without a length', { class: 'TERM', from: 'at', term: 'a while' }, /a number of days, months or years/],
    ['a table that appears twice', { table: 'events' }, /a table is given once/],
  ])('refuses %s', async (_what, change, line) => {
    const [first, ...more] = data.tables
    const { success, error } = retentionFile.safeParse({ ...data, tables: [{ ...first, ...change }, ...more] })
    expect(success).toBe(false)
    expect(`${String(error?.issues[0]?.path.at(-1))}: ${error?.issues[0]?.message}`).toMatch(line)
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
