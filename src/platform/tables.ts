import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { findDescription, type TableDescription } from './describeTable.js'
import { blindIndexType } from './personal.js'

export interface DescribedTable {
  table: PgTable
  name: string
  description: TableDescription
}

const sources = new URL('../../src/', import.meta.url)
/** Where this code runs from: src in tests, otherwise dist. */
const modules = new URL('..', import.meta.url)
const extension = import.meta.url.slice(-'.ts'.length)

const sourcesEndingIn = async (ending: string) =>
  (await readdir(sources, { recursive: true })).filter((path) => path.endsWith(ending)).sort()

/** All tables, found by the names of their files. Throws one line for a table without a description. */
export async function loadTables(): Promise<DescribedTable[]> {
  const paths = await sourcesEndingIn('.table.ts')
  const exported = await Promise.all(
    paths.map(async (path) => {
      const module: object = await import(new URL(path.replace(/\.ts$/, extension), modules).href)
      return Object.values(module).map((value: unknown) => ({ path, value }))
    }),
  )
  return exported.flat().flatMap(({ path, value }) => (is(value, PgTable) ? [described(path, value)] : []))
}

export function described(path: string, table: PgTable): DescribedTable {
  const name = getTableName(table)
  const description = findDescription(table)
  if (!description)
    throw new Error(`the table ${name} must be described by describeTable in src/${path}; no description was found`)
  return { table, name, description }
}

/** Columns of a blind index become null when their party is forgotten, in append-only tables too. */
export const blindIndexesOf = (table: PgTable): string[] =>
  Object.values(getTableColumns(table))
    .filter((column) => column.getSQLType() === blindIndexType)
    .map(({ name }) => name)

interface Trigger {
  name: string
  when: string
  function: string
}

function triggersOf({ table, description: { appendOnly } }: DescribedTable): Trigger[] {
  if (!appendOnly) return []
  const refuseTruncate = { name: 'refuse_truncate', when: 'truncate', function: 'refuse_change()' }
  if (appendOnly === true) {
    const cleared = blindIndexesOf(table).map((column) => `'${column}'`)
    return [
      { name: 'refuse_change', when: 'update or delete', function: `refuse_change(${cleared.join(', ')})` },
      refuseTruncate,
    ]
  }
  const { guard } = appendOnly
  return [
    { name: guard, when: 'update', function: `${guard}()` },
    { name: 'refuse_delete', when: 'delete', function: 'refuse_change()' },
    refuseTruncate,
  ]
}

const triggerSql = (table: string, { name, when, function: call }: Trigger) =>
  `create or replace trigger ${name} before ${when} on ${table}
     for each ${when === 'truncate' ? 'statement' : 'row'} execute function ${call};`

/** The hash of what was applied last. A comment is the owner's to write, so the role of the server cannot claim it. */
export async function appliedGuards(client: Sql): Promise<string | null> {
  const [schema] = await client<[{ comment: string | null }]>`
    select obj_description('drizzle'::regnamespace, 'pg_namespace') as comment`
  return schema.comment
}

/**
 * Brings functions and triggers to what the .sql files beside the tables and the descriptions of the tables say. Does
 * nothing where it has done so before: a trigger is not replaced while another transaction writes to its table.
 */
export async function applyGuards(client: Sql, tables: DescribedTable[]): Promise<void> {
  const files = await Promise.all(
    (await sourcesEndingIn('.sql')).map((path) => readFile(new URL(path, sources), 'utf8')),
  )
  const triggers = tables.flatMap((table) => triggersOf(table).map((trigger) => ({ table: table.name, trigger })))
  const statements = [...files, ...triggers.map(({ table, trigger }) => triggerSql(table, trigger))].join('\n')
  const digest = createHash('sha256').update(statements).digest('hex')
  if ((await appliedGuards(client)) === digest) return
  await client.begin(async (tx) => {
    await tx.unsafe(statements)
    const found = await tx<{ name: string; table: string }[]>`
      select tgname as name, tgrelid::regclass::text as table from pg_trigger where tgfoid = 'refuse_change'::regproc`
    for (const { name, table } of found)
      if (!triggers.some((wanted) => wanted.table === table && wanted.trigger.name === name))
        await tx.unsafe(`drop trigger ${name} on ${table}`)
    await tx.unsafe(`comment on schema drizzle is '${digest}'`)
  })
}
