import { type SQL, sql } from 'drizzle-orm'
import { PgArray, type PgColumn } from 'drizzle-orm/pg-core'
import {
  type FieldNode,
  GraphQLBoolean,
  type GraphQLField,
  GraphQLID,
  GraphQLInt,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { Rule } from './allowedTo.js'
import { byKey, exactCast, rowOfColumns } from './compile.js'
import {
  Asked,
  broughtBy,
  columnsOf,
  type Declared,
  declaredOf,
  type Leaf,
  type LeafSql,
  nounOfType,
  propertyOf,
  type Relation,
} from './declare.js'
import type { Guard } from './guard.js'
import { nodeIdSql, parseNodeId } from './node.js'
import { rowsOfPage } from './page.js'
import { misfitJson, misfitText, placeholderText, rowColumns } from './placeholders.js'
import { argumentsIn, collect, type Selecting } from './selection.js'
import { type Plan, type Source, sourceOf } from './source.js'
import type { Decode } from './statement.js'

/** The operation cannot be answered by one statement. */
export class Misfit extends Error {}

/** A place in the answer whose rows have computed fields. The first place is the operation's root. */
export interface Place {
  type: GraphQLObjectType
  /** The computed fields, by the number in their placeholder. */
  fields: Selected[]
  decode: Decode | undefined
}
export interface Selected {
  key: string
  nodes: FieldNode[]
}
/** A plan that also gathers what the answer's SQL leaves out. */
export interface AnswerPlan extends Plan {
  guard: Guard
  rules: Set<Rule>
  places: Place[]
  /** The root fields that the statement answers. */
  storedRoots: Selected[]
  /** The type behind the id of each field `node`. */
  nodeTypes: ReadonlyMap<string, string>
}
type Field = GraphQLField<any, any>
type BroughtSql = ReturnType<typeof broughtBy>[number][1]
type Parts = [key: string, value: SQL][]

/** The stored fields of a query as one JSON object, with placeholders for the computed ones. */
export function answerSql(plan: AnswerPlan, operation: Selecting): SQL {
  const root = plan.schema.getQueryType()!
  const place: Place = { type: root, fields: [], decode: undefined }
  plan.places.push(place)
  const parts: Parts = []
  for (const [key, nodes] of collect(plan, root, [operation])) {
    const name = nodes[0]!.name.value
    const field = root.getFields()[name]
    if (name === '__typename') parts.push([key, sql.raw(`'${root.name}'`)])
    else if (!field) throw new Misfit(`${name} describes the schema`)
    else {
      const value = rootValue(plan, root, field, nodes, key)
      if (value) plan.storedRoots.push({ key, nodes })
      parts.push([key, value ?? placeholderText(0, place.fields.push({ key, nodes }) - 1)])
    }
  }
  if (plan.storedRoots.length === 0) throw new Misfit('nothing is stored')
  return objectSql(parts)
}

function rootValue(plan: AnswerPlan, root: GraphQLObjectType, field: Field, nodes: FieldNode[], key: string) {
  const { relation, limitedTo } = field.extensions as { relation?: Relation; limitedTo?: unknown } // `bind` and `LimitedTo` put them there
  if (isNonNullType(field.type)) throw new Misfit(`${field.name} cannot be null if it fails`)
  if (limitedTo) return undefined
  if (relation) {
    addRules(plan, root, field)
    return relationSql(plan, relation, field, nodes, undefined)
  }
  const type = plan.schema.getType(plan.nodeTypes.get(key) ?? '')
  if (field.name !== 'node' || !isObjectType(type)) return undefined
  const noun = nounOfType(type)
  if (!noun) return undefined
  addRules(plan, root, field)
  for (const rule of plan.guard.rulesOf(root, { ...field, type })) plan.rules.add(rule)
  const id = new Asked(({ variables }) => parseNodeId(argumentsIn(field, nodes[0]!, variables).id)?.key)
  return relationSql(plan, byKey(noun), field, nodes, sql`${id}::uuid`, type)
}

const addRules = (plan: AnswerPlan, type: GraphQLObjectType, field: Field) => {
  for (const rule of plan.guard.rulesOf(type, field)) plan.rules.add(rule)
}

function relationSql(
  plan: AnswerPlan,
  relation: Relation,
  field: Field,
  nodes: readonly FieldNode[],
  key: SQL | undefined,
  type = getNamedType(field.type) as GraphQLObjectType,
): SQL {
  const source = sourceOf(plan, relation, field, nodes[0]!, key)
  if (relation.kind === 'connection') return pageSql(plan, relation, type, nodes, source)
  const parts = partsOfRow(plan, type, source, nodes)
  if (relation.kind === 'one') {
    // PostgreSQL merges a subquery into the statement around it only if it has no limit.
    const isUnique = key !== undefined && !relation.on
    return requiredJson(
      field.type,
      objectSql(parts, sql`${source.from()}${isUnique ? sql`` : sql`${source.orderBy()} limit 1`}`),
    )
  }
  const limit = relation.cut ? relation.atMost : relation.atMost + 1
  const rows = sql`select ${source.name}.* ${source.from()}${source.orderBy()} limit ${sql.raw(String(limit))}`
  const list = sql`coalesce(json_agg("#"), '[]')`
  const bounded = relation.cut
    ? list
    : sql`case when count(*) > ${sql.raw(String(relation.atMost))} then ${misfitJson} else ${list} end`
  return sql`(select ${bounded} from (select ${columns(parts)} from (${rows}) ${source.name}) "#")`
}

/** The values of one row under the client's names, in the order of the query. */
function partsOfRow(plan: AnswerPlan, type: GraphQLObjectType, source: Source, parents: readonly Selecting[]): Parts {
  const parts: Parts = []
  const computed = { fields: [] as Selected[], columns: new Set<string>(), brought: new Map<string, BroughtSql>() }
  const place = plan.places.length
  const open: Place = { type, fields: computed.fields, decode: undefined }
  plan.places.push(open)
  for (const [key, nodes] of collect(plan, type, parents)) {
    const name = nodes[0]!.name.value
    const field = type.getFields()[name]
    if (!field) {
      parts.push([key, sql.raw(`'${type.name}'`)]) // __typename
      continue
    }
    const value = fieldSql(plan, type, source, field, nodes)
    if (Array.isArray(value)) {
      for (const column of value) computed.columns.add(column)
      for (const [name, of] of broughtBy(field)) computed.brought.set(name, of)
      parts.push([key, placeholderText(place, computed.fields.push({ key, nodes }) - 1)])
    } else {
      addRules(plan, type, field)
      parts.push([key, value])
    }
  }
  if (computed.fields.length === 0) return parts
  const row = rowOfColumns(source, new Set([propertyOf(source.noun.key), ...computed.columns]), computed.brought)
  open.decode = row.decode
  return [...rowColumns(place, row.sql), ...parts]
}

/** The value of a field in SQL, or the columns that it is computed from. */
function fieldSql(
  plan: AnswerPlan,
  type: GraphQLObjectType,
  source: Source,
  field: Field,
  nodes: FieldNode[],
): SQL | string[] {
  const { noun, row } = source
  const declared: Declared | undefined = declaredOf(noun.type).get(field.name)
  if (field.extensions.limitedTo || plan.computed.has(field)) return Object.keys(columnsOf(noun))
  if (declared?.kind === 'leaf')
    return leafSql(plan, declared, row, field, nodes) ?? declared.columns.map((column) => propertyOf(column))
  if (declared) {
    const key = row[propertyOf(declared.from ?? noun.key)]
    return relationSql(plan, declared, field, nodes, sql`${key}`)
  }
  if (field.name === 'id') return nodeIdSql(type.name, row[propertyOf(noun.key)])
  const column = columnsOf(noun)[field.name]!
  const value = columnSql(field.type, column, row[field.name])
  return value ?? [field.name]
}

function leafSql(plan: AnswerPlan, leaf: Leaf, row: any, field: Field, nodes: FieldNode[]): SQL | undefined {
  const made: LeafSql | undefined = leaf.sql?.(row)
  if (made === undefined) return undefined
  const type = getNamedType(field.type)
  if (!('parts' in made)) return required(field.type, made)
  if (!isObjectType(type)) return undefined
  const parts: Parts = []
  for (const [key, [node]] of collect(plan, type, nodes)) {
    const { value: name } = node!.name
    if (name === '__typename') {
      parts.push([key, sql.raw(`'${type.name}'`)])
      continue
    }
    const inner = type.getFields()[name]!
    const part = made.parts[name]
    if (!part) return undefined
    addRules(plan, type, inner)
    parts.push([key, required(inner.type, part)])
  }
  return requiredJson(field.type, sql`case when ${made.isPresent} then ${objectSql(parts)} end`)
}

/** The value of a column in SQL. Undefined if only JavaScript knows it. */
function columnSql(given: GraphQLOutputType, column: PgColumn, value: SQL): SQL | undefined {
  const type = getNullableType(given)
  const must = (made: SQL) => (column.notNull ? sql`${made}` : required(given, made))
  if (!isListType(type)) {
    const made = valueSql(type as GraphQLNamedType, column, value)
    return made && must(made)
  }
  // A list is taken as it is, if its items are.
  if (!(column instanceof PgArray)) return undefined
  if (valueSql(getNullableType(type.ofType) as GraphQLNamedType, column.baseColumn, value) !== value) return undefined
  if (!isNonNullType(type.ofType)) return must(value)
  const complete = sql`case when array_position(${value}, null) is null then to_json(${value}) else ${misfitJson} end`
  return column.notNull ? complete : required(given, sql`case when ${value} is not null then ${complete} end`)
}
const texts = new Set(['PgText', 'PgVarchar', 'PgChar', 'PgUUID', 'PgEnumColumn', 'PgDateString'])
const integers = new Set(['PgInteger', 'PgSmallInt', 'PgSerial'])
function valueSql(type: GraphQLNamedType, column: PgColumn, value: SQL): SQL | undefined {
  const { columnType } = column
  if (type === GraphQLString || type === GraphQLID) {
    if (texts.has(columnType) || /^text\b/.test(column.getSQLType())) return value
    return columnType === 'PgNumeric' ? sql`${value}${sql.raw(exactCast(column))}` : undefined
  }
  if (type === GraphQLInt) return integers.has(columnType) ? value : undefined
  if (type === GraphQLBoolean) return columnType === 'PgBoolean' ? value : undefined
  if (isEnumType(type)) return column.enumValues?.every((name) => type.getValue(name)) ? value : undefined
  const scalarSql = type.extensions.sql as ScalarSql | undefined // a scalar of ours put it there
  return scalarSql?.(value, column)
}
/** How a scalar's values are written in SQL, in `extensions.sql` of the scalar. Undefined for a column it cannot read. */
export type ScalarSql = (value: SQL, column: PgColumn) => SQL | undefined

/** Where the schema allows no null, a null is a misfit. */
const required = (type: GraphQLOutputType, value: SQL): SQL => {
  if (!isNonNullType(type)) return value
  // Everything else is a text in JSON: strings, ids, enums, our scalars.
  const isPlain = type.ofType === GraphQLInt || type.ofType === GraphQLBoolean || isListType(type.ofType)
  return isPlain ? requiredJson(type, sql`to_json(${value})`) : sql`coalesce((${value})::text, ${misfitText})`
}
const requiredJson = (type: GraphQLOutputType, json: SQL): SQL =>
  isNonNullType(type) ? sql`coalesce(${json}, ${misfitJson})` : json

function pageSql(
  plan: AnswerPlan,
  relation: Relation,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  source: Source,
): SQL {
  const selected = collect(plan, type, nodes)
  const below = (name: string) => getNamedType(type.getFields()[name]!.type) as GraphQLObjectType
  const namesIn = (fields: Iterable<FieldNode[]>) => [...fields].map(([node]) => node!.name.value)
  const names = new Set(namesIn(selected.values()))
  for (const fields of selected.values())
    if (fields[0]!.name.value === 'pageInfo')
      for (const name of namesIn(collect(plan, below('pageInfo'), fields).values())) names.add(name)
  const page = rowsOfPage(relation, source, names)
  const items: SQL[] = []
  const listOf = (parts: Parts) => {
    const name = sql.identifier(`#${items.length}`)
    items.push(sql` cross join lateral (select ${columns(parts)}) ${name}`)
    return page.listOf(sql`${name}`)
  }
  const node = (fields: readonly FieldNode[]) => partsOfRow(plan, below('nodes'), source, fields)
  const partsIn = (
    of: GraphQLObjectType,
    fields: readonly FieldNode[],
    valueOfPart: (name: string, fields: FieldNode[]) => SQL,
  ): Parts =>
    [...collect(plan, of, fields)].map(([key, inner]) => {
      const { value: name } = inner[0]!.name
      return [key, name === '__typename' ? sql.raw(`'${of.name}'`) : valueOfPart(name, inner)]
    })
  const parts = partsIn(type, nodes, (name, fields) => {
    if (name === 'nodes') return listOf(node(fields))
    if (name === 'edges')
      return listOf(
        partsIn(below('edges'), fields, (part, inner) => (part === 'cursor' ? page.cursor : objectSql(node(inner)))),
      )
    // Aggregates, which may not stand in a select of their own.
    if (name === 'pageInfo') return flatObjectSql(partsIn(below('pageInfo'), fields, (part) => page.parts[part]!()))
    return page.parts[name]!()
  })
  return objectSql(parts, page.from(items))
}

/** PostgreSQL cuts names at 63 bytes. */
const longestName = 63
const columns = (parts: Parts) =>
  sql.join(
    parts.map(([key, value]) => {
      if (key.length > longestName) throw new Misfit(`${key} is too long a name`)
      return sql`${value} as ${sql.identifier(key)}`
    }),
    sql`, `,
  )
// Named "#", which no field of a client can be: `row_to_json(x)` would mean a column x.
const objectSql = (parts: Parts, from = sql``): SQL =>
  sql`(select row_to_json("#") from (select ${columns(parts)} ${from}) "#")`
/** PostgreSQL takes 100 arguments. */
const maxPairs = 50
const flatObjectSql = (parts: Parts): SQL => {
  if (parts.length > maxPairs) throw new Misfit(`${parts.length} parts are too many arguments`)
  return sql`json_build_object(${sql.join(
    parts.map(([key, value]) => sql`${sql.raw(`'${key}'`)}, ${value}`),
    sql`, `,
  )})`
}
