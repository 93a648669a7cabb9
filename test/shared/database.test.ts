import { describe, expect, test } from 'vitest'
import { migrateDatabase } from '../../src/shared/database.js'
import { cloneDatabase, emptyDatabase } from '../support/database.js'

const empty = await emptyDatabase()
const clone = await cloneDatabase()

describe('migrations', () => {
  test('that several processes begin at once are applied once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => migrateDatabase(empty.url)))
    const applied = await empty.client`select hash from drizzle.__drizzle_migrations order by id`
    expect(applied).toEqual(await clone.client`select hash from drizzle.__drizzle_migrations order by id`)
  })
})

test('a clone counts the statements that are sent through it, and those alone', async () => {
  clone.statements.length = 0
  await Promise.all([1, 2, 3].map((number) => clone.client`select ${number}::int`))
  await clone.db.transaction((tx) => tx.execute('select 4'))
  expect(clone.statements.map((statement) => statement.trim())).toEqual([
    ...Array(3).fill('select $1::int'),
    'begin',
    'select 4',
    'commit',
  ])
})
