import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { Asked, type Request, type Run } from './declare.js'
import { timedOut, translated } from './errors.js'
import { limits, receive } from './limits.js'
import { heatOf } from './prepared.js'

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
  // What a declaration says stands in the text, so that PostgreSQL plans by it; only what is asked is a parameter.
  // Of what is longer than an answer may be, PostgreSQL sends no more than shows it.
  const { sql: text, params } = dialect.sqlToQuery(
    sql`select left((${expression})::text, ${limits.answer + 1}) as json`.inlineParams(),
  )
  const isHot = heatOf(text)
  return async (client, run) => {
    const values = params.map((value) => (value instanceof Asked ? forDriver(value.read(run)) : value))
    try {
      const asked = () => client.unsafe(text, values as never[], { prepare: isHot() })
      const [row] = await beforeDeadline((run.context as Request).deadline, asked)
      receive(run.context, row!.json?.length ?? 0)
      const value = JSON.parse(row!.json)
      return decode && value !== null ? decode(value) : value
    } catch (error) {
      throw translated(error)
    }
  }
}

// Where drizzle reads moments as text, the driver takes them as text too.
const forDriver = (value: unknown) => (value instanceof Date ? value.toISOString() : value)

/**
 * What is asked, or TIMEOUT: `statement_timeout` counts from when PostgreSQL begins, and a statement may wait long for a
 * connection. It is not cancelled: that could hit a neighbour on the same connection.
 */
export async function beforeDeadline<T>(
  deadline: number,
  ask: () => PromiseLike<T>,
  tooLate: () => Error = timedOut,
): Promise<T> {
  const left = deadline - Date.now()
  if (left <= 0) throw tooLate()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), left)
  })
  try {
    return await Promise.race([ask(), late])
  } finally {
    clearTimeout(timer)
  }
}
