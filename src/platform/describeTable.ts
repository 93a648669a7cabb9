import { type Column, getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Confidence } from './confidence.table.js'
import type { RetentionClass } from './retention.table.js'

interface Because {
  reason: string
  /** Defaults to GENERAL_KNOWLEDGE. */
  confidence?: keyof typeof Confidence
  source?: string
}
type Term = `${number} ${'day' | 'days' | 'month' | 'months' | 'year' | 'years'}`

/** What happens to rows in time, and why. */
export type Retention<Name extends string = string> = Because &
  (
    | { class: Exclude<keyof typeof RetentionClass, 'TERM'> }
    /** Rows are removed when the term that begins at the column `from` is over. */
    | { class: 'TERM'; from: Name; term: Term }
  )

export interface TableDescription<Name extends string = string> {
  retention: Retention<Name>
  /**
   * The database refuses to change or delete rows, whoever asks. `updates` are columns that may change; the trigger function
   * `guard`, in the .sql file beside the table, checks how.
   */
  appendOnly?: true | { updates: Name[]; guard: string }
  /** Limits the role of the server. Defaults to insert, and to update and delete unless the table is append-only. */
  server?: { insert?: false | { except: Name[] }; update?: false | Name[]; delete?: false }
}

const descriptions = new Map<PgTable, TableDescription>()

/**
 * Everything about a table that PostgreSQL must know beyond its columns. Triggers, grants and retention come from here, and
 * the server refuses to start with a table that has no description. Personal columns are declared by their types.
 */
export function describeTable<Table extends PgTable>(
  table: Table,
  description: TableDescription<keyof Table['_']['columns'] & string>,
): void {
  descriptions.set(table, description)
}

export const findDescription = (table: PgTable): TableDescription | undefined => descriptions.get(table)

/** The names in SQL of columns that a description names as the code does. */
export function columnNames(table: PgTable, names: string[]): string[] {
  const columns: Record<string, Column> = getTableColumns(table)
  return names.map((name) => (columns[name] as Column).name) // the type of describeTable lets only columns be named
}
