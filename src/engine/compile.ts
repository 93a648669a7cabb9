import { type SQL, sql } from 'drizzle-orm'
import { PgArray, type PgColumn } from 'drizzle-orm/pg-core'
import { type FieldNode, type GraphQLField, type GraphQLObjectType, getNamedType } from 'graphql'
import { Asked, broughtBy, columnsOf, declaredOf, type Noun, propertyOf, type Relation } from './declare.js'
import { pageJson } from './page.js'
import { collect, type Selecting, slotOf } from './selection.js'
import { type Plan, type Source, sourceOf } from './source.js'
import { type Decode, type Json, type Statement, statementOf } from './statement.js'

/** A root field: one statement. */
export const rootStatement = (
  plan: Plan,
  relation: Relation,
  field: GraphQLField<any, any>,
  nodes: readonly FieldNode[],
) => statementOf(relationJson(plan, relation, field, nodes, undefined))

/** A relation of many parents: one statement, with results in the order of the keys. */
export function loaderStatement(
  plan: Plan,
  relation: Relation,
  field: GraphQLField<any, any>,
  nodes: readonly FieldNode[],
  keyColumn: PgColumn,
): Statement {
  const json = relationJson(plan, relation, field, nodes, sql.raw('k.key'))
  const keys = new Asked((run) => run.keys)
  return statementOf({
    sql: sql`select coalesce(json_agg(${json.sql} order by k.n), '[]') from unnest(${keys}::${sql.raw(keyColumn.getSQLType())}[]) with ordinality k(key, n)`,
    decode: each(json.decode),
  })
}

function relationJson(
  plan: Plan,
  relation: Relation,
  field: GraphQLField<any, any>,
  nodes: readonly FieldNode[],
  key: SQL | undefined,
): Json {
  const source = sourceOf(plan, relation, field, nodes[0]!, key)
  if (relation.kind === 'connection')
    return pageJson(plan, relation, field, nodes, source, (below) => rowJson(plan, source, below))
  const row = rowJson(plan, source, nodes)
  if (relation.kind === 'one')
    return { ...row, sql: sql`(select (${row.sql}) ${source.from()}${source.orderBy()} limit 1)` }
  const rows = sql`select ${source.name}.* ${source.from()}${source.orderBy()} limit ${sql.raw(String(relation.atMost + (relation.cut ? 0 : 1)))}`
  // json_agg keeps the order of the subquery.
  return {
    sql: sql`(select coalesce(json_agg((${row.sql})), '[]') from (${rows}) ${source.name})`,
    decode: bounded(`${field.name} of ${getNamedType(field.type)}`, relation, each(row.decode)),
  }
}

/** A list longer than its declared maximum is an error, rather than silently truncated. */
const bounded =
  (name: string, { atMost, cut }: Relation, decode: Decode = (rows) => rows): Decode =>
  (rows) =>
    !cut && rows.length > atMost ? new Error(`${name}: more than ${atMost}; make it a connection`) : decode(rows)

/** One row as JSON: `select row_to_json(…)`, without a `from`. Columns by property, relations by slot. */
function rowJson(plan: Plan, { noun, row }: Source, parents: readonly Selecting[]): Json {
  const type = plan.schema.getType(noun.type.name) as GraphQLObjectType
  const { columns, brought, relations } = neededOf(plan, type, noun, parents)
  const { out, decoders } = columnsJson(noun, row, columns)
  for (const [name, of] of brought) out.push(sql`${of(row)} as ${sql.identifier(name)}`)
  for (const [slot, { relation, field, nodes }] of relations) {
    const key = sql`${row[propertyOf(relation.from ?? noun.key)]}`
    const json = relationJson(plan, relation, field, nodes, key)
    const short = `>${out.length}` // a slot may exceed PostgreSQL's limit for names
    decoders.push([short, json.decode ?? ((value) => value), slot])
    out.push(sql`${json.sql} as ${sql.identifier(short)}`)
  }
  return { sql: objectOf(out), decode: rowDecoder(decoders) }
}

/** Some columns of a row as JSON, as hand-written resolvers read it. */
export function rowOfColumns({ noun, row }: Source, names: Iterable<string>, brought: Brought): Json {
  const { out, decoders } = columnsJson(noun, row, names)
  for (const [name, of] of brought) out.push(sql`${of(row)} as ${sql.identifier(name)}`)
  return { sql: objectOf(out), decode: rowDecoder(decoders) }
}

type Brought = Iterable<ReturnType<typeof broughtBy>[number]>
type Decoders = [name: string, decode: Decode, as: string][]
function columnsJson(noun: Noun, row: any, names: Iterable<string>) {
  const decoders: Decoders = []
  const out: SQL[] = []
  for (const name of names) {
    const column = columnsOf(noun)[name]!
    const decode = decoderOf(column)
    if (decode) decoders.push([name, decode, name])
    out.push(sql`${row[name]}${sql.raw(exactCast(column))} as ${sql.identifier(name)}`)
  }
  return { out, decoders }
}
const objectOf = (values: SQL[]) => sql`select row_to_json("#") from (select ${sql.join(values, sql`, `)}) "#"`

function rowDecoder(decoders: Decoders): Decode | undefined {
  if (decoders.length === 0) return undefined
  return (row) => {
    for (const [name, decode, as] of decoders) {
      const value = row[name]
      if (name !== as) delete row[name]
      row[as] = value == null ? value : decode(value)
    }
    return row
  }
}

interface Below {
  relation: Relation
  field: GraphQLField<any, any>
  nodes: FieldNode[]
}
/** The columns and relations of a row that the selected fields read. */
function neededOf(plan: Plan, type: GraphQLObjectType, noun: Noun, parents: readonly Selecting[]) {
  const columns = new Set([propertyOf(noun.key)])
  const brought = new Map<string, (row: any) => SQL>()
  const relations = new Map<string, Below>()
  // Node by node: `nodes` and `edges` share rows, but may use one response key for different fields.
  for (const node of [...collect(plan, type, parents).values()].flat()) {
    const field = type.getFields()[node.name.value]
    if (!field) continue // __typename
    const declared = declaredOf(noun.type).get(field.name)
    if (declared?.kind === 'leaf') {
      for (const column of declared.columns) columns.add(propertyOf(column))
      for (const [name, of] of Object.entries(declared.brings ?? {})) brought.set(name, of)
    } else if (declared) {
      columns.add(propertyOf(declared.from ?? noun.key))
      if (!plan.lookAhead) continue
      const slot = slotOf(node)
      const same = relations.get(slot)
      if (same) same.nodes.push(node)
      else relations.set(slot, { relation: declared, field, nodes: [node] })
    } else if (plan.computed.has(field)) {
      for (const name in columnsOf(noun)) columns.add(name)
      for (const [name, of] of broughtBy(field)) brought.set(name, of)
    } else columns.add(field.name)
  }
  return { columns, brought, relations }
}

// JSON types without an exact JSON form

/** Numbers that JSON.parse would round travel as text. */
export function exactCast(column: PgColumn): string {
  if (column instanceof PgArray) return exactCast(column.baseColumn) && '::text[]'
  return column.dataType === 'bigint' || column.columnType === 'PgNumeric' ? '::text' : ''
}
const plain = new Set(['string', 'boolean', 'json'])
const plainTypes = new Set(['PgInteger', 'PgSmallInt', 'PgReal', 'PgDoublePrecision'])
function decoderOf(column: PgColumn): Decode | undefined {
  if (column instanceof PgArray) return each(decoderOf(column.baseColumn))
  if (plain.has(column.dataType) || plainTypes.has(column.columnType)) return undefined
  return (value) => column.mapFromDriverValue(value)
}
const each = (decode: Decode | undefined): Decode | undefined =>
  decode && ((values: unknown[]) => values.map((value) => (value == null ? value : decode(value))))

/** The rows of a noun by key: `node(id)`. */
export const byKey = ({ type }: Noun): Relation => ({ kind: 'one', target: type, atMost: 1, description: '' })
