import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/**
 * Inserts many rows as one parameter, in a fraction of the time that a statement with a parameter for each value takes. The
 * database fills in what no row has, and null what one row lacks; defaults of drizzle are not applied.
 */
export function insertRows<Table extends PgTable>(table: Table, rows: readonly Partial<Table['$inferInsert']>[]): SQL {
  const columns = Object.entries(getTableColumns(table)).filter(([name]) => rows.some((row) => name in row))
  const names = sql.join(
    columns.map(([, { name }]) => sql.identifier(name)),
    sql`, `,
  )
  const typed = sql.join(
    columns.map(([, column]) => sql`${sql.identifier(column.name)} ${sql.raw(column.getSQLType())}`),
    sql`, `,
  )
  const values = rows.map((row: Record<string, unknown>) =>
    Object.fromEntries(columns.map(([name, column]) => [column.name, inJson(row[name])])),
  )
  return sql`
    insert into ${table} (${names})
    select ${names} from json_to_recordset(${JSON.stringify(values)}::text::json) as rows (${typed})`
}

/** Bytes as the database reads them. JSON has the rest. */
const inJson = (value: unknown): unknown => (Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value)
