import { and, type SQL, sql } from 'drizzle-orm'
import { type FieldNode, type GraphQLField, type GraphQLObjectType, getNamedType } from 'graphql'
import { type Page, pageOf, positionOf } from './connection.js'
import { nameOf, propertyOf, type Relation } from './declare.js'
import { collect, type Selecting } from './selection.js'
import type { Plan, Source } from './source.js'
import type { Json } from './statement.js'

/** A page as JSON: its edges, and of the rest only what was selected. */
export function pageJson(
  plan: Plan,
  relation: Relation,
  field: GraphQLField<any, any>,
  nodes: readonly FieldNode[],
  source: Source,
  nodeJson: (nodes: readonly Selecting[]) => Json,
): Json {
  const page = pageOf(source.args, relation.atMost)
  const selected = selectedOf(plan, getNamedType(field.type) as GraphQLObjectType, nodes)
  const at = (cursor: 'after' | 'before') =>
    page[cursor] === null ? undefined : new Position(source, relation, cursor)
  const after = at('after')
  const before = at('before')
  const node = nodeJson(selected.nodes)
  const count = source.asked((args) => pageOf(args, relation.atMost).count)
  // One extra row shows whether there are more; it is dropped first.
  const rows = sql`select ${source.name}.* ${source.from(after?.follows(source), before?.precedes(source))}${source.orderBy(page.backward)} limit ${count}::int + 1`
  const numbered = sql`select *, row_number() over () as "#at", count(*) over () as "#found" from (${rows}) ${source.name}`
  const edges = sql`select "#at", "#found", ${cursorOf(source)} as "#cursor", (${node.sql}) as "#node" from (${numbered}) ${source.name} where "#at" <= ${count}::int`
  const out = [
    sql`coalesce(json_agg(json_build_object('cursor', "#cursor", 'node', "#node") order by "#at" ${sql.raw(page.backward ? 'desc' : 'asc')}), '[]') as "edges"`,
  ]
  for (const [name, value] of furtherOf(selected.names, page, source, after, before, count))
    out.push(sql`${value} as ${sql.identifier(name)}`)
  // Cursors are read even without rows to compare, so a forged one is always reported.
  const readable = and(after?.isReadable, before?.isReadable)
  const having = readable ? sql` having ${readable}` : sql``
  return {
    sql: sql`(select row_to_json("#") from (select ${sql.join(out, sql`, `)} from (${edges}) "#edges"${having}) "#")`,
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
    if (name === 'edges') nodes.push(...each(below('edges'), [field]).filter(({ name }) => name.value === 'node'))
    if (name === 'pageInfo') for (const { name } of each(below('pageInfo'), [field])) names.add(name.value)
  }
  return { names, nodes }
}

function furtherOf(
  names: Set<string>,
  page: Page,
  source: Source,
  after: Position | undefined,
  before: Position | undefined,
  count: SQL | unknown,
) {
  const further: [string, SQL][] = []
  const overfull = sql`coalesce(max("#found"), 0) > ${count}::int`
  const beyond = (position: Position | undefined, side: 'upTo' | 'from') => {
    if (!position) return sql`false`
    const others = source.again()
    return sql`exists (select 1 ${others.from(position[side](others))})`
  }
  if (names.has('hasNextPage')) {
    const more = beyond(before, 'from')
    further.push(['hasNextPage', page.backward ? more : sql`${overfull} or ${more}`])
  }
  if (names.has('hasPreviousPage')) {
    const more = beyond(after, 'upTo')
    further.push(['hasPreviousPage', page.backward ? sql`${overfull} or ${more}` : more])
  }
  if (names.has('totalCount')) {
    further.push(['totalCount', sql`(select count(*)::int ${source.again().from()})`])
  }
  return further
}

const keysOf = ({ noun, order, row }: Source) =>
  [order!.by, noun.key].map((column) => ({ value: row[propertyOf(column)], type: sql.raw(column.getSQLType()) }))
const listOf = ({ noun, order }: Source) => `${nameOf(noun.table)}.${order!.by.name}`
/** A row's position and its list, as base64. Made here so that no digit is lost. */
function cursorOf(source: Source): SQL {
  const values = keysOf(source).map(({ value }) => sql`${value}::text`)
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
    const keys = sql.join(
      keysOf(source).map(({ value }) => value),
      sql`, `,
    )
    return sql`(${keys}) ${sql.raw(this.#descending ? descending : ascending)} (${this.#values})`
  }
  follows = (source: Source) => this.#compare(source, '>', '<')
  precedes = (source: Source) => this.#compare(source, '<', '>')
  upTo = (source: Source) => this.#compare(source, '<=', '>=')
  from = (source: Source) => this.#compare(source, '>=', '<=')
}
