import { isDeepStrictEqual } from 'node:util'
import { eq } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { v7 } from 'uuid'

export type Transaction = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0]

/** The result of a seed by code. A field that an operator changed is listed as CODE.field. */
export interface Changes {
  added: string[]
  renewed: string[]
  /** The file differs, but an operator changed the field first. */
  kept: string[]
  /** Seeded by an earlier file and missing from this one. Left unchanged. */
  gone: string[]
  /** Missing from the file and deleted, for lists where presence is the meaning. */
  removed?: string[]
}

export const noChanges = (): Changes => ({ added: [], renewed: [], kept: [], gone: [] })

export type Ids = Map<string, string>

type Fields = Record<string, unknown>
type SeededTable = PgTable & Record<'id' | 'code' | 'seeded', PgColumn>
type Row = Fields & { id: string; code: string; seeded: Fields | null }

/**
 * Three-way merge of the file and an operator's changes; `seeded` is the common ancestor. Returns the id of every code
 * in the table.
 */
export async function seedRows<Entry extends { code: string }>(
  tx: Transaction,
  table: SeededTable,
  entries: Entry[],
  fieldsOf: (entry: Entry, ids: Ids, index: number) => Fields,
): Promise<{ ids: Ids; changes: Changes }> {
  // The cast: drizzle cannot type the row of an unknown table.
  // Locked like an update: a command may still refer to one of them.
  const rows = (await tx.select().from(table).for('no key update')) as Row[]
  const existing = new Map(rows.map((row) => [row.code, row]))
  // Ids are known before the rows exist, so entries of one file may refer to each other.
  const ids = new Map(entries.map(({ code }) => [code, v7()]))
  for (const { code, id } of rows) ids.set(code, id)

  const changes = noChanges()
  const fresh: Fields[] = []
  for (const [index, entry] of entries.entries()) {
    const fields = fieldsOf(entry, ids, index)
    const row = existing.get(entry.code)
    existing.delete(entry.code)
    if (!row) {
      changes.added.push(entry.code)
      fresh.push({ ...fields, id: ids.get(entry.code), code: entry.code, seeded: fields })
    } else if (!row.seeded) changes.kept.push(entry.code)
    else if (!isDeepStrictEqual(row.seeded, fields)) {
      const { set, kept } = merge(row, row.seeded, fields)
      await tx
        .update(table)
        .set({ ...set, seeded: fields })
        .where(eq(table.id, row.id))
      changes.kept.push(...kept.map((field) => `${entry.code}.${field}`))
      if (Object.keys(set).length > 0) changes.renewed.push(entry.code)
    }
  }
  changes.gone = [...existing.values()].filter(({ seeded }) => seeded).map(({ code }) => code)
  if (fresh.length > 0) await tx.insert(table).values(fresh)
  return { ids, changes }
}

/** An unchanged field takes the file's new value. A field that an operator changed stays. */
function merge(present: Fields, seeded: Fields, fields: Fields): { set: Fields; kept: string[] } {
  const wanted = Object.keys(fields).filter(
    (field) => !isDeepStrictEqual(fields[field], seeded[field]) && !isDeepStrictEqual(fields[field], present[field]),
  )
  const untouched = (field: string) => isDeepStrictEqual(present[field], seeded[field] ?? null)
  return {
    set: Object.fromEntries(wanted.filter(untouched).map((field) => [field, fields[field]])),
    kept: wanted.filter((field) => !untouched(field)),
  }
}
