import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { Asked, type Request, type Run } from './declare.js'
import { timedOut, translated } from './errors.js'

export type Decode = (value: any) => any
/** An expression that yields one JSON, and what must be made of its values that JSON does not know. */
export interface Json {
  sql: SQL
  decode?: Decode | undefined
}
/** Asks PostgreSQL for one JSON. */
export type Statement = (client: Sql, run: Run) => Promise<any>

const dialect = new PgDialect()
export function statementOf({ sql: expression, decode }: Json): Statement {
  const { sql: text, params } = dialect.sqlToQuery(sql`select (${expression})::text as json`)
  return async (client, run) => {
    if (Date.now() > (run.context as Request).deadline) throw timedOut()
    const values = params.map((value) => (value instanceof Asked ? forDriver(value.read(run)) : value))
    try {
      const [row] = await client.unsafe(text, values as never[], { prepare: isHot(text) })
      const value = JSON.parse(row!.json)
      return decode && value !== null ? decode(value) : value
    } catch (error) {
      throw translated(error)
    }
  }
}

// Where drizzle reads moments as text, the driver takes them as text too.
const forDriver = (value: unknown) => (value instanceof Date ? value.toISOString() : value)

// Prepared statements stay in PostgreSQL's memory and postgres.js forgets none: only what has proved hot, and a bounded
// number of those, for as long as the process lives.
const hotAfter = 2
const atMost = 1000
const runs = new Map<string, number>()
let prepared = 0
function isHot(text: string): boolean {
  const known = runs.get(text) ?? 0
  if (known > hotAfter) return true
  if (known === hotAfter) {
    if (prepared === atMost) return false
    prepared++
  } else if (known === 0 && runs.size >= 10 * atMost) {
    for (const [other, times] of runs) if (times <= hotAfter) runs.delete(other)
  }
  runs.set(text, known + 1)
  return known === hotAfter
}
