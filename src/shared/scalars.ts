import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { GraphQLScalarType } from 'graphql'
import { GraphQLDateTimeISO, GraphQLLocalDate } from 'graphql-scalars'
import type { ScalarSql } from '../engine/answerSql.js'
import { badInput } from '../engine/errors.js'

const dateSql: ScalarSql = (value, { columnType }) => (columnType === 'PgDateString' ? value : undefined)
export const LegalDate = new GraphQLScalarType<string, string>({
  ...GraphQLLocalDate.toConfig(),
  name: 'Date',
  description: 'Calendar date in Asia/Baku, such as "2026-03-19".',
  extensions: { sql: dateSql },
})

const { serialize } = GraphQLDateTimeISO.toConfig()
/** A moment as the contract shows it. */
export const momentText = (value: SQLWrapper): SQL =>
  sql`to_char(${value} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
const momentSql: ScalarSql = (value, { columnType }) => (columnType === 'PgTimestamp' ? momentText(value) : undefined)
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description:
    'Point in time. Output is in UTC: "2026-03-19T10:30:00.000Z". Input is RFC 3339 with any offset: ' +
    '"2026-03-19T14:30:00+04:00". Digits beyond milliseconds are cut off.',
  extensions: { sql: momentSql },
  serialize: (value) => serialize(value) as string,
  parseValue(value) {
    try {
      return GraphQLDateTimeISO.parseValue(value) as Date
    } catch {
      const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value
      throw badInput(`A DateTime must have a time and an offset, such as "2026-03-19T14:30:00+04:00"; got ${got}.`)
    }
  },
})
