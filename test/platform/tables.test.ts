import { pgTable, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { migrateDatabase } from '../../src/platform/database.js'
import { describeTable, type TableDescription } from '../../src/platform/describeTable.js'
import { blindIndex } from '../../src/platform/personal.js'
import { rightsOf } from '../../src/platform/roles.js'
import { applyGuards, described, loadTables } from '../../src/platform/tables.js'
import { cloneDatabase } from '../support/database.js'

const database = await cloneDatabase()
const { client, url } = database
const tables = await loadTables()

const retention = { class: 'PERMANENT', reason: 'A test.' } as const
const columns = { word: text('word'), writtenAt: text('written_at'), markIndex: blindIndex('mark_index') }
const letters = (description: TableDescription<keyof typeof columns>) => {
  const table = pgTable('letters', columns)
  describeTable(table, description)
  return described('letter.table.ts', table)
}

describe('loadTables', () => {
  it('finds every table of the database', async () => {
    const found =
      await client`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`
    expect(tables.map(({ name }) => name).sort()).toEqual(found.map(({ name }) => name).sort())
  })

  it('refuses a table without a description', () => {
    expect(() => described('letter.table.ts', pgTable('letters', columns))).toThrow(
      'the table letters must be described by describeTable in src/letter.table.ts; no description was found',
    )
  })
})

describe('applyGuards', () => {
  const triggersOn = async (table: string) =>
    (
      await client`select tgname as name from pg_trigger where tgrelid = ${table}::regclass and not tgisinternal order by 1`
    ).map(({ name }) => name)

  it('drops the triggers of a table that is no longer append-only', async () => {
    expect(await triggersOn('events')).toEqual(['keep_event', 'refuse_delete', 'refuse_truncate'])
    expect(await triggersOn('fees')).toEqual(['refuse_change', 'refuse_truncate'])
    await applyGuards(
      client,
      tables.filter(({ name }) => name !== 'fees'),
    )
    expect(await triggersOn('fees')).toEqual([])
    await applyGuards(client, tables)
    expect(await triggersOn('fees')).toEqual(['refuse_change', 'refuse_truncate'])
  })

  it('waits for no table when nothing changed', async () => {
    await client.begin(async (tx) => {
      await tx`lock table fees, events, services`
      await migrateDatabase(url, { lockTimeout: 100 })
    })
  })

  it('lets only blind indexes of an append-only table be cleared', async () => {
    await client`create table letters (word text, written_at text, mark_index blind_index)`
    await applyGuards(client, [...tables, letters({ retention, appendOnly: true })])
    await client`insert into letters values ('a', 'b', ${`k.${'a'.repeat(43)}`})`
    const refused = { message: 'letters is only added to' }
    await expect(client`update letters set word = 'c', mark_index = null`).rejects.toMatchObject(refused)
    await expect(client`update letters set mark_index = ${`k.${'b'.repeat(43)}`}`).rejects.toMatchObject(refused)
    await client`update letters set mark_index = null`
    expect(await client`select * from letters`).toEqual([{ word: 'a', written_at: 'b', mark_index: null }])
    await expect(client`delete from letters`).rejects.toMatchObject(refused)
    await expect(client`truncate letters`).rejects.toMatchObject(refused)
  })
})

describe('rightsOf', () => {
  it.each<[Omit<Parameters<typeof letters>[0], 'retention'>, string]>([
    [{}, 'select, insert, update, delete'],
    [{ server: { delete: false } }, 'select, insert, update'],
    [{ server: { update: ['writtenAt'] } }, 'select, insert, update (written_at, mark_index), delete'],
    [{ server: { insert: false, update: false, delete: false } }, 'select, update (mark_index)'],
    [{ appendOnly: true }, 'select, insert, update (mark_index)'],
    [
      {
        appendOnly: { updates: ['word'], guard: 'keep_letter' },
        server: { insert: { except: ['word', 'markIndex'] } },
      },
      'select, insert (written_at), update (word, mark_index)',
    ],
  ])('turns %j into the rights %s', (description, rights) => {
    expect(rightsOf(letters({ retention, ...description }))).toBe(rights)
  })
})
