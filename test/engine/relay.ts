import { GraphQLError } from 'graphql'

// The model: Relay's algorithm over all rows of a list, in memory.

export type Key = readonly [value: string, key: string]
/** An order of rows, as the engine's own: one column, and the primary key where that ties. */
export interface List<Row> {
  /** What its cursors say they are of. */
  name: string
  keyOf(row: Row): Key
  compare(one: string, other: string): number
  descending: boolean
  /** Whether such a value can be where a cursor stands. */
  isValue(text: string): boolean
}
export interface PageArguments {
  first?: number | null
  last?: number | null
  after?: string | null
  before?: string | null
}

export const badInput = () => new GraphQLError('Not so.', { extensions: { code: 'BAD_USER_INPUT' } })

/** As PostgreSQL prints it: `["books.code", "B7", "…"]`. */
export const cursorOf = <Row>({ name, keyOf }: List<Row>, row: Row) => cursorAt(name, ...keyOf(row))
export const cursorAt = (...parts: string[]) =>
  Buffer.from(`[${parts.map((part) => JSON.stringify(part)).join(', ')}]`).toString('base64')

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
function positionOf<Row>({ name, isValue }: List<Row>, cursor: string): Key {
  try {
    const [of, value, key, ...more] = JSON.parse(Buffer.from(cursor, 'base64').toString())
    const again = Buffer.from(cursor, 'base64').toString('base64') === cursor
    if (again && of === name && !more.length && isValue(value) && uuid.test(key)) return [value, key]
  } catch {}
  throw badInput()
}

export function sorted<Row>(rows: readonly Row[], list: List<Row>): Row[] {
  return [...rows].sort((one, other) => compareKeys(list, list.keyOf(one), list.keyOf(other)))
}
function compareKeys<Row>({ compare, descending }: List<Row>, [value, key]: Key, [otherValue, otherKey]: Key) {
  const ascending = compare(value, otherValue) || byText(key, otherKey)
  return descending ? -ascending : ascending
}
export const byText = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

export function pageOf<Row>(rows: readonly Row[], list: List<Row>, args: PageArguments, atMost = 100) {
  const { first, last, after, before } = args
  if ((first == null) === (last == null)) throw badInput()
  const count = (first ?? last) as number
  if (count < 1 || count > atMost) throw badInput()
  const start = after == null ? undefined : positionOf(list, after)
  const end = before == null ? undefined : positionOf(list, before)
  const all = sorted(rows, list)
  const at = (row: Row, position: Key) => compareKeys(list, list.keyOf(row), position)
  const between = all.filter((row) => (!start || at(row, start) > 0) && (!end || at(row, end) < 0))
  const page = first == null ? between.slice(-count) : between.slice(0, count)
  const overfull = between.length > count
  const edges = page.map((node) => ({ cursor: cursorOf(list, node), node }))
  return {
    edges,
    nodes: page,
    pageInfo: {
      hasNextPage: (first != null && overfull) || all.some((row) => end && at(row, end) >= 0),
      hasPreviousPage: (last != null && overfull) || all.some((row) => start && at(row, start) <= 0),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: all.length,
    totalCountIsExact: true,
  }
}

// How texts that PostgreSQL made of values compare -----------------------------------------------------------------

const moment = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00$/
const microseconds = (text: string) =>
  text
    .slice(0, -3)
    .padEnd(19)
    .replace(/^(.{19})$/, '$1.')
    .padEnd(26, '0')
export const moments = {
  isValue: (text: string) => moment.test(text),
  compare: (one: string, other: string) => byText(microseconds(one), microseconds(other)),
}
export const texts = { isValue: (text: string) => !text.includes('\0'), compare: byText }
export const numbers = {
  isValue: (text: string) => /^-?\d{1,18}$/.test(text),
  compare: (one: string, other: string) => Number(BigInt(one) - BigInt(other)),
}
