import { type SQL, sql } from 'drizzle-orm'
import { alias, date, type PgColumn, PgDialect, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { type GraphQLScalarType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { ScalarSql } from '../../src/engine/answerSql.js'
import { Asked, declaredOf, type Leaf, type Noun, nounOfType, propertyOf } from '../../src/engine/declare.js'
import { publicSchema } from '../../src/schema.js'
import { Currency } from '../../src/shared/money.js'
import { DateTime, LegalDate } from '../../src/shared/scalars.js'
import { emptyDatabase } from '../support/database.js'
import { uid } from './uid.js'

const { client } = await emptyDatabase()
const dialect = new PgDialect()

const values: Record<string, unknown[]> = {
  json: [
    { az: 'Ad' },
    { az: 'Ad', en: 'A "name"\\' },
    { az: 'Ad', en: null, ru: 'Имя' },
    { az: '', en: '', ru: '\u2028\n\t\u0001' },
    null,
  ],
  bigint: [0n, 5n, -5n, 100n, 123_456_789_012_345n, -9_007_199_254_740_993n, null],
  uuid: [uid('one'), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  actor: ['person:1', 'program:2:3', 'officer:x', 'system', '', 'Person:1', 'constructor:1', ':person'],
  currency: ['AZN', 'USD', 'JPY', 'KWD', 'CLF', 'UYI', 'UYW', 'XXX', 'QQQ'],
  date: [new Date('2026-12-02T14:00:00Z'), new Date('2026-12-02T14:00:00.001Z'), null],
  other: ['', 'x', null],
}
/** Values that a column may have, and perhaps has never had. */
function valuesOf(column: PgColumn): unknown[] {
  const kind = column.getSQLType() === 'uuid' ? 'uuid' : column.name in values ? column.name : column.dataType
  return (values[kind] ?? values.other!).filter((value) => value !== null || !column.notNull)
}
const combinations = (columns: readonly PgColumn[]): unknown[][] =>
  columns.reduce<unknown[][]>(
    (rows, column) => rows.flatMap((row) => valuesOf(column).map((value) => [...row, value])),
    [[]],
  )

const leaves = Object.values(publicSchema().getTypeMap())
  .filter(isObjectType)
  .flatMap((type) => {
    const noun = nounOfType(type)
    const all = noun ? [...declaredOf(noun.type)] : []
    return all.flatMap(([name, declared]): [string, Leaf, Noun][] =>
      noun && declared.kind === 'leaf' && declared.sql && !declared.brings
        ? [[`${type.name}.${name}`, declared, noun]]
        : [],
    )
  })

/** What the parts are for each row of these columns, in one statement. */
async function read(parts: Record<string, SQL>, columns: readonly PgColumn[], rows: SQL[], context: object) {
  const selected = Object.entries(parts).map(([name, part]) => sql`${part} as ${sql.identifier(name)}`)
  const names = sql.join(
    columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  )
  const { sql: statement, params } = dialect.sqlToQuery(sql`
    select row_to_json("#") as json from (values ${sql.join(rows, sql`, `)}) t(${names}),
      lateral (select ${sql.join(selected, sql`, `)}) "#"`)
  const given = params.map((param) => (param instanceof Asked ? param.read({ context, variables: {} }) : param))
  const found = await client.unsafe<{ json: Record<string, unknown> }[]>(statement, given as never[])
  return found.map(({ json }) => json)
}

describe('A leaf', () => {
  it.each(leaves)('%s has in SQL the value that it has in JavaScript', async (_name, leaf, { table }) => {
    const made = leaf.sql!(alias(table, 't'))
    const isObject = 'parts' in made
    const parts: Record<string, SQL> = isObject ? { ...made.parts, '?': made.isPresent } : { value: made }
    const rows = combinations(leaf.columns)
    const given = rows.map((row) => {
      const cells = leaf.columns.map((column, at) => {
        const value = row[at]
        const isJson = typeof value === 'object' && value !== null && !(value instanceof Date)
        const asText = value instanceof Date ? value.toISOString() : isJson ? JSON.stringify(value) : value
        return sql`${asText == null ? null : String(asText)}::text::${sql.raw(column.getSQLType())}`
      })
      return sql`(${sql.join(cells, sql`, `)})`
    })
    for (const language of ['az', 'en', 'ru']) {
      const found = await read(parts, leaf.columns, given, { language })
      expect(found).toHaveLength(rows.length)
      for (const [place, row] of rows.entries()) {
        const inSql = found[place]!
        const named = Object.fromEntries(leaf.columns.map((column, at) => [propertyOf(column), row[at]]))
        const value = leaf.resolve(named, { language }) as Record<string, unknown> | null
        const expected = isObject
          ? {
              ...Object.fromEntries(Object.keys(made.parts).map((part) => [part, value?.[part] ?? null])),
              '?': value !== null,
            }
          : { value: value ?? null }
        // Of an object that is not there, only that matters.
        if (isObject && value === null) expect(inSql['?']).toBe(false)
        else
          expect(
            inSql,
            JSON.stringify(named, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)),
          ).toEqual(expected)
      }
    }
  })
})

const scalars = pgTable('t', {
  moment: timestamp('moment', { withTimezone: true }),
  day: date('day'),
  code: text('code'),
})
const moments = [
  '2026-03-19 10:30:00.123999+00',
  '1999-12-31 23:59:59.999999+04',
  '2024-02-29 00:00:00+00',
  '1969-12-31 23:59:59.9995+00',
  '0101-01-01 00:00:00+00',
  '9999-12-31 23:59:59.999999+00',
]

describe('A scalar', () => {
  it.each<[string, GraphQLScalarType, PgColumn, string[]]>([
    ['DateTime', DateTime, scalars.moment, moments],
    ['Date', LegalDate, scalars.day, ['2026-03-19', '2024-02-29', '0101-01-01', '9999-12-31']],
    ['Currency', Currency, scalars.code, ['AZN', 'USD']],
  ])('%s has in SQL the value that it has in JavaScript', async (_name, scalar, column, texts) => {
    const inSql = (scalar.extensions.sql as ScalarSql)(sql`${column}`, column)
    expect(inSql).toBeDefined()
    const type = sql.raw(column.getSQLType())
    const rows = texts.map((given) => sql`(${given}::text::${type})`)
    const found = await read({ value: inSql!, stored: sql`${column}::text` }, [column], rows, {})
    expect(found).toHaveLength(texts.length)
    for (const [place, { value, stored }] of found.entries())
      expect(value, texts[place]).toEqual(scalar.serialize(column.mapFromDriverValue(stored)))
  })
})
