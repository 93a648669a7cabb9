import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { PendingQuery, Row, Sql } from 'postgres'
import { type Bytes, textOf } from './bytes.js'
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
export interface Statement {
  (client: Sql, run: Run): Promise<any>
  /** Length of the statement. */
  characters: number
}

export function statementOf({ sql: expression, decode }: Json): Statement {
  const ask = bytesOf(sql`(${expression})::text`)
  const statement = async (client: Sql, run: Run) => {
    const bytes = await ask(client, run)
    const value = bytes === null ? null : JSON.parse(textOf(bytes))
    return decode && value !== null ? decode(value) : value
  }
  return Object.assign(statement, { characters: ask.characters })
}

const dialect = new PgDialect()
/** Runs a statement that returns one text of JSON, as the bytes that PostgreSQL sent. */
export function bytesOf(text: SQL): AskBytes {
  // Declared values are in the text, so that PostgreSQL plans with them; requested values are parameters. Of an answer
  // above the limit, PostgreSQL only sends enough to detect it. The size in bytes costs nothing; characters are counted.
  const { answer } = limits
  const { sql: statement, params } = dialect.sqlToQuery(
    sql`select case when octet_length(json) > ${answer} then left(json, ${answer + 1}) else json end from (select ${text} as json offset 0) "#"`.inlineParams(),
  )
  const isHot = heatOf(statement)
  const ask = async (client: Sql, run: Run) => {
    const values = params.map((value) => (value instanceof Asked ? forDriver(value.read(run)) : value))
    try {
      const asked = () => inBytes(client.unsafe(statement, values as never[], { prepare: isHot() }))
      const [row] = await beforeDeadline((run.context as Request).deadline, asked)
      const [bytes = null] = row!
      if (bytes !== null) receive(run.context, charactersIn(bytes))
      return bytes
    } catch (error) {
      throw translated(error)
    }
  }
  return Object.assign(ask, { characters: statement.length })
}
interface AskBytes {
  (client: Sql, run: Run): Promise<Bytes | null>
  /** Length of the statement. */
  characters: number
}
/** The rows of a query with the bytes of their values. The cast: the patch of the driver adds this. */
export const inBytes = (query: PendingQuery<Row[]>) =>
  (query as unknown as { latin1(): Promise<(Bytes | null)[][]> }).latin1()
/** Not fewer than there are: they are counted where it matters. */
export const charactersIn = (bytes: Bytes): number =>
  bytes.length <= limits.answer ? bytes.length : textOf(bytes).length

// drizzle reads timestamps as text, so the driver must return text.
const forDriver = (value: unknown) => (value instanceof Date ? value.toISOString() : value)

/** Milliseconds. Timers of the same length share a list, so that one more costs little. */
const step = 50
/**
 * The result, or TIMEOUT: `statement_timeout` starts when PostgreSQL begins, but a statement may wait long for a
 * connection. It is not cancelled, because that could hit another statement on the same connection.
 */
export function beforeDeadline<T>(
  deadline: number,
  ask: () => PromiseLike<T>,
  tooLate: () => Error = timedOut,
): Promise<T> {
  // Promise.race would cost twice as much, and each request waits here.
  return new Promise((settle, fail) => {
    const left = deadline - Date.now()
    if (left <= 0) throw tooLate()
    const asked = ask()
    const timer = setTimeout(() => fail(tooLate()), step * Math.ceil(left / step))
    asked.then(
      (result) => {
        clearTimeout(timer)
        settle(result)
      },
      (error) => {
        clearTimeout(timer)
        fail(error)
      },
    )
  })
}
