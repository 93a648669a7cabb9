import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'
import { Asked, type Request, type Run } from './declare.js'
import { timedOut, translated } from './errors.js'
import { limits, receive } from './limits.js'
import { heatOf } from './prepared.js'

export type Decode = (value: any) => any
/** An expression that returns one JSON value, and how to decode its values. */
export interface Json {
  sql: SQL
  decode?: Decode | undefined
}
/** Runs a statement that returns one JSON value. */
export type Statement = (client: Sql, run: Run) => Promise<any>

export function statementOf({ sql: expression, decode }: Json): Statement {
  const ask = textOf(expression)
  return async (client, run) => {
    const value = JSON.parse(await ask(client, run))
    return decode && value !== null ? decode(value) : value
  }
}

const dialect = new PgDialect()
/** Runs a statement that returns one JSON value, as PostgreSQL wrote it. */
export function textOf(expression: SQL): (client: Sql, run: Run) => Promise<string> {
  // Declared values are in the text, so that PostgreSQL plans with them; requested values are parameters. Of an answer
  // above the limit, PostgreSQL only sends enough to detect it. The size in bytes costs nothing; characters are counted.
  const { answer } = limits
  const { sql: text, params } = dialect.sqlToQuery(
    sql`select case when octet_length(json) > ${answer} then left(json, ${answer + 1}) else json end as json from (select (${expression})::text as json offset 0) "#"`.inlineParams(),
  )
  const isHot = heatOf(text)
  return async (client, run) => {
    const values = params.map((value) => (value instanceof Asked ? forDriver(value.read(run)) : value))
    try {
      const asked = () => client.unsafe(text, values as never[], { prepare: isHot() })
      const [row] = await beforeDeadline((run.context as Request).deadline, asked)
      const json: string = row!.json ?? 'null'
      receive(run.context, json.length)
      return json
    } catch (error) {
      throw translated(error)
    }
  }
}

// drizzle reads timestamps as text, so the driver must return text.
const forDriver = (value: unknown) => (value instanceof Date ? value.toISOString() : value)

/**
 * The result, or TIMEOUT: `statement_timeout` starts when PostgreSQL begins, but a statement may wait long for a
 * connection. It is not cancelled, because that could hit another statement on the same connection.
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
