import { and, type SQL, sql } from 'drizzle-orm'
import { type FieldNode, type GraphQLField, type GraphQLObjectType, getNamedType } from 'graphql'
import { pageOf, positionOf } from './connection.js'
import { nameOf, propertyOf, type Relation } from './declare.js'
import { collect, type Selecting } from './selection.js'
import type { Plan, Source } from './source.js'
import type { Json } from './statement.js'

/** A count stops after this many rows. */
export const maxCounted = 10_000

/** The rows of a page, and the expressions that its parts are made of. All are aggregates over these rows. */
export function rowsOfPage(relation: Relation, source: Source, names: ReadonlySet<string>) {
  const page = pageOf(source.args, relation.atMost)
  const count = sql`${source.asked((args) => pageOf(args, relation.atMost).count)}::int`
  const at = (cursor: 'after' | 'before') =>
    page[cursor] === null ? undefined : new Position(source, relation, cursor)
  const [after, before] = [at('after'), at('before')]
  const readsOneMore = names.has(page.backward ? 'hasPreviousPage' : 'hasNextPage')
  const isNumbered = readsOneMore || page.backward
  const limit = sql`limit ${count}${readsOneMore ? sql` + 1` : sql``}`
  const between = (of: Source) => [after?.follows(of), before?.precedes(of)]
  const rows = relation.merged
    ? mergedRows(source, page.backward, between, limit)
    : sql`select ${source.name}.* ${source.from(...between(source))}${source.orderBy(page.backward)} ${limit}`
  // In the order of the page before they are aggregated: PostgreSQL may sort for one aggregate, and the others see that.
  const turned = page.backward ? sql` order by "#at" desc` : sql``
  const numbered = sql`select *, row_number() over () as "#at" from (${rows}) ${source.name}${turned}`
  const within = readsOneMore ? sql` filter (where "#at" <= ${count})` : sql``
  const beyond = (position: Position | undefined, side: 'upTo' | 'from') => {
    if (!position) return sql`false`
    const others = source.again()
    return sql`exists (select 1 ${others.from(position[side](others))})`
  }
  const overfull = (other: SQL) => sql`(count(*) > ${count} or ${other})`
  /** The cursor of the first or last row. Aggregates the positions and makes one cursor of them. */
  const cursorAt = (place: 'first' | 'last') => {
    const index = place === 'first' ? sql`1` : sql`least(${count}, count(*))`
    const values = keysOf(source).map(({ value }) => sql`(array_agg(${value})${within})[${index}]::text`)
    return sql`case when count(*) > 0 then ${cursorText(source, values)} end`
  }
  const counted = () =>
    sql`(select count(*)::int from (select 1 ${source.again().from()} limit ${sql.raw(String(maxCounted + 1))}) "#")`
  // Cursors are read even without rows to compare, so a forged one is always reported.
  const readable = and(after?.isReadable, before?.isReadable)
  return {
    from: (items: SQL[] = []) =>
      sql`from (${isNumbered ? numbered : rows}) ${source.name}${sql.join(items)} having ${readable ?? sql`true`}`,
    listOf: (item: SQL) => sql`coalesce(json_agg(${item})${within}, '[]')`,
    cursor: cursorText(
      source,
      keysOf(source).map(({ value }) => sql`${value}::text`),
    ),
    parts: {
      hasNextPage: () => (page.backward ? beyond(before, 'from') : overfull(beyond(before, 'from'))),
      hasPreviousPage: () => (page.backward ? overfull(beyond(after, 'upTo')) : beyond(after, 'upTo')),
      startCursor: () => cursorAt('first'),
      endCursor: () => cursorAt('last'),
      totalCount: () => sql`least(${counted()}, ${sql.raw(String(maxCounted))})`,
      totalCountIsExact: () => sql`${counted()} <= ${sql.raw(String(maxCounted))}`,
    } as Record<string, () => SQL>,
  }
}

/** The first rows of each value, merged. Only their positions are: the rows themselves are read last. */
function mergedRows(source: Source, backward: boolean, bounds: (of: Source) => (SQL | undefined)[], limit: SQL): SQL {
  const one = source.again()
  const [by, key] = one.position
  const positions = sql`select ${by} as "by", ${key} as "key" ${one.fromOne(...bounds(one))}${one.orderBy(backward)} ${limit}`
  const first = sql`select "key" from ${one.values} cross join lateral (${positions}) "#one"${one.orderBy(backward, [sql`"by"`, sql`"key"`])} ${limit}`
  const table = sql.identifier(nameOf(source.noun.table))
  return sql`select ${source.name}.* from (${first}) "#first" join ${table} ${source.name} on ${source.position[1]} = "#first"."key"${source.orderBy(backward)}`
}

/** A page as JSON: its edges, and of the rest only what was selected. */
export function pageJson(
  plan: Plan,
  relation: Relation,
  field: GraphQLField<any, any>,
  nodes: readonly FieldNode[],
  source: Source,
  nodeJson: (nodes: readonly Selecting[]) => Json,
): Json {
  const selected = selectedOf(plan, getNamedType(field.type) as GraphQLObjectType, nodes)
  const page = rowsOfPage(relation, source, selected.names)
  const node = nodeJson(selected.nodes)
  const cursor = selected.names.has('cursor') ? sql`'cursor', ${page.cursor}, ` : sql``
  const out = [sql`${page.listOf(sql`json_build_object(${cursor}'node', (${node.sql}))`)} as "edges"`]
  for (const [name, part] of Object.entries(page.parts))
    if (selected.names.has(name)) out.push(sql`${part()} as ${sql.identifier(name)}`)
  return {
    sql: sql`(select row_to_json("#") from (select ${sql.join(out, sql`, `)} ${page.from()}) "#")`,
    decode:
      node.decode &&
      ((read) => {
        for (const edge of read.edges) edge.node = node.decode!(edge.node)
        return read
      }),
  }
}

/** The selected fields of the page and of its nodes. */
function selectedOf(plan: Plan, type: GraphQLObjectType, parents: readonly FieldNode[]) {
  const names = new Set<string>()
  const nodes: FieldNode[] = []
  const below = (name: string) => getNamedType(type.getFields()[name]!.type) as GraphQLObjectType
  // Node by node: aliases with equal arguments share a page, and may use one response key for different fields.
  const each = (of: GraphQLObjectType, above: readonly FieldNode[]) => [...collect(plan, of, above).values()].flat()
  for (const field of each(type, parents)) {
    const name = field.name.value
    names.add(name)
    if (name === 'nodes') nodes.push(field)
    if (name === 'edges')
      for (const inner of each(below('edges'), [field])) {
        names.add(inner.name.value)
        if (inner.name.value === 'node') nodes.push(inner)
      }
    if (name === 'pageInfo') for (const { name } of each(below('pageInfo'), [field])) names.add(name.value)
  }
  return { names, nodes }
}

const keysOf = ({ noun, order, row }: Source) =>
  [order!.by, noun.key].map((column) => ({ value: row[propertyOf(column)], type: sql.raw(column.getSQLType()) }))
const listOf = ({ noun, order }: Source) => `${nameOf(noun.table)}.${order!.by.name}`
/** A row's position and its list, as base64. Made here so that no digit is lost. */
function cursorText(source: Source, values: SQL[]): SQL {
  const parts = sql`json_build_array(${sql.raw(`'${listOf(source)}'`)}::text, ${sql.join(values, sql`, `)})`
  return sql`translate(encode(convert_to(${parts}::text, 'UTF8'), 'base64'), E'\\n', '')`
}

/** The position of a cursor, for comparison with rows. */
class Position {
  readonly #values: SQL
  readonly #descending: boolean
  readonly isReadable: SQL
  constructor(source: Source, relation: Relation, cursor: 'after' | 'before') {
    const list = listOf(source)
    const read = (args: Record<string, any>) => positionOf(pageOf(args, relation.atMost)[cursor]!, list)
    read(source.args) // reports an invalid cursor before the statement runs
    // As text: postgres.js would convert a timestamp through a Date and lose its microseconds.
    this.#values = sql.join(
      keysOf(source).map(({ type }, at) => sql`${source.asked((args) => read(args)[at])}::text::${type}`),
      sql`, `,
    )
    this.isReadable = sql`(${this.#values}) is not null`
    this.#descending = source.order!.descending
  }
  #compare(source: Source, ascending: string, descending: string): SQL {
    return sql`(${sql.join(source.position, sql`, `)}) ${sql.raw(this.#descending ? descending : ascending)} (${this.#values})`
  }
  follows = (source: Source) => this.#compare(source, '>', '<')
  precedes = (source: Source) => this.#compare(source, '<', '>')
  upTo = (source: Source) => this.#compare(source, '<=', '>=')
  from = (source: Source) => this.#compare(source, '>=', '<=')
}
