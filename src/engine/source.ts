import { and, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { alias, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import type { FieldNode, GraphQLField } from 'graphql'
import { getMetadataStorage } from 'type-graphql'
import {
  Asked,
  columnsOf,
  everyone,
  type Merged,
  type Noun,
  nameOf,
  nounOf,
  type Order,
  type Owner,
  propertyOf,
  type Relation,
  whoSeesItsParent,
} from './declare.js'
import { parseNodeId } from './node.js'
import { argumentsIn, type Question } from './selection.js'

/** One look-ahead: the selection, the caller's kind and variant, and whether relations are fetched along. */
export interface Plan extends Question {
  kind: string
  variant: string | undefined
  lookAhead: boolean
  /** Fields with a hand-written resolver, which may read any column. */
  computed: WeakSet<GraphQLField<any, any>>
  /** The number of table aliases so far. */
  tables: number
}

/** The rows of a relation: their alias, conditions and order. */
export interface Source {
  noun: Noun
  name: SQL
  row: any
  args: Record<string, any>
  order: Order | undefined
  /** What the rows are ordered by. */
  position: SQL[]
  /** The same arguments for the current run. */
  asked(read: (args: Record<string, any>) => unknown): Asked
  from(...more: (SQL | undefined)[]): SQL
  /** Of a merged relation: its values, and the rows of one of them. */
  values: SQL | undefined
  fromOne(...more: (SQL | undefined)[]): SQL
  orderBy(backward?: boolean, position?: SQL[]): SQL
  /** The same rows under another alias. */
  again(): Source
}

export function sourceOf(
  plan: Plan,
  relation: Relation,
  field: GraphQLField<any, any>,
  node: FieldNode,
  key: SQL | undefined,
): Source {
  const noun = nounOf(relation.target)
  const alias_ = `t${++plan.tables}`
  const row: any = alias(noun.table, alias_)
  const id = row[propertyOf(noun.key)]
  const owned = relation.owner?.of && ownedBy(relation.owner, relation.owner.of, `${alias_}o`)
  const args = argumentsIn(field, node, plan.variables)
  const asked: Source['asked'] = (read) => new Asked(({ variables }) => read(argumentsIn(field, node, variables)))
  const order = (args.orderBy && relation.orderBy?.orders[args.orderBy]) ?? relation.order
  const conditions = [
    key && sql`${relation.on ? row[propertyOf(relation.on)] : id} = ${key}`,
    relation.argument && keyCondition(relation.argument, noun, row, asked),
    relation.owner && ownerCondition(relation.owner, owned?.row ?? row, field, node),
    scopeOf(noun, plan, row, owned?.row),
    relation.where?.(row),
    order?.known ? sql`${row[propertyOf(order.by)]} is not null` : undefined,
    order?.where?.(row),
    ...filterConditions(relation, row, args.filter, asked),
  ]
  const position: SQL[] = order ? [(owned?.row ?? row)[propertyOf(order.by)], owned?.key ?? id] : []
  const rows = sql`${sql.identifier(nameOf(noun.table))} ${sql.identifier(alias_)}`
  const merged = relation.merged && mergedBy(relation.merged, row, `${alias_}v`, args, asked)
  const tables = owned ? sql`${owned.table} join ${rows} on ${id} = ${owned.key}` : rows
  const where = (...more: (SQL | undefined)[]) => {
    const all = and(...conditions, ...more)
    return all ? sql` where ${all}` : sql``
  }
  return {
    noun,
    name: sql`${sql.identifier(alias_)}`,
    row,
    args,
    order,
    position,
    asked,
    from: (...more) =>
      merged
        ? sql`from ${merged.values} join ${tables} on ${merged.isOne}${where(...more)}`
        : sql`from ${tables}${where(...more)}`,
    values: merged?.values,
    fromOne: (...more) => sql`from ${tables}${where(merged?.isOne, ...more)}`,
    orderBy(backward = false, by = position) {
      if (!order) return sql``
      const direction = sql.raw(order.descending !== backward ? 'desc' : 'asc')
      return sql` order by ${sql.join(
        by.map((value) => sql`${value} ${direction}`),
        sql`, `,
      )}`
    },
    again: () => sourceOf(plan, relation, field, node, key),
  }
}

function keyCondition(
  { name, column }: NonNullable<Relation['argument']>,
  noun: Noun,
  row: any,
  asked: Source['asked'],
) {
  const given = row[propertyOf(column)]
  if (!column.primary) return sql`${given} = ${asked((args) => args[name])}`
  return sql`${given} = ${asked((args) => {
    const id = parseNodeId(args[name])
    return id?.type === noun.type.name ? id.key : null
  })}`
}

/** The table of rows and owners, under another alias. */
function ownedBy({ column }: Owner, of: PgColumn, alias_: string) {
  const row: any = alias(column.table as PgTable, alias_)
  return {
    row,
    key: row[propertyOf(of)],
    table: sql`${sql.identifier(nameOf(column.table as PgTable))} ${sql.identifier(alias_)}`,
  }
}

function mergedBy({ by, values }: Merged, row: any, name: string, args: Source['args'], asked: Source['asked']) {
  values(args) // reports an invalid argument before the statement runs
  const type = sql.raw(`${by.getSQLType()}[]`)
  // As text, because the driver does not know the type.
  return {
    values: sql`unnest(${asked(values)}::text[]::${type}) ${sql.identifier(name)}(value)`,
    isOne: sql`${row[propertyOf(by)]} = ${sql.identifier(name)}.value`,
  }
}

function ownerCondition({ argument, column, keyOf }: Owner, row: any, field: GraphQLField<any, any>, node: FieldNode) {
  const given = (variables: Record<string, unknown>) => argumentsIn(field, node, variables)[argument]
  const key = new Asked(({ context, variables }) => keyOf(given(variables), context))
  return sql`${row[propertyOf(column)]} = ${key}`
}

function filterConditions(
  { conditions }: Relation,
  row: any,
  filter: Record<string, unknown> = {},
  asked: Source['asked'],
) {
  return Object.keys(filter ?? {})
    .filter((name) => filter[name] != null)
    .map((name) => {
      const value = asked((args) => args.filter[name])
      return conditions?.[name] ? conditions[name](row, value, filter[name] === true) : sql`${row[name]} = ${value}`
    })
}

/** What a kind and variant of caller may see of a noun, as a condition on its row. */
function scopeOf({ scope }: Noun, { kind, variant }: Plan, row: any, through?: any): SQL | undefined {
  if (scope === whoSeesItsParent) return undefined
  const own = typeof scope === 'object' ? (Object.hasOwn(scope, kind) ? scope[kind] : scope.others) : scope
  if (own === undefined) return sql`false`
  return own === everyone ? undefined : own(row, variant, through)
}

/** Errors in the declaration of a noun, reported at the start. */
export function nounGapsOf({ type, scope }: Noun, isNode: boolean, kinds: readonly string[]): string[] {
  const gaps: string[] = []
  if (isNode && scope === whoSeesItsParent) gaps.push(`${type.name} is a Node, but is only seen through its parent`)
  // type-graphql would resolve each field itself: none could be reported missing, and all columns would be read.
  if (!getMetadataStorage().objectTypes.find(({ target }) => target === type)?.simpleResolvers)
    gaps.push(`${type.name} is not declared with simpleResolvers`)
  for (const kind of typeof scope === 'object' ? Object.keys(scope) : [])
    if (kind !== 'others' && !kinds.includes(kind))
      gaps.push(`${type.name} is shown to ${kind}, which is not a kind of caller`)
  return gaps
}
/** Errors in the declaration of a relation. */
export function gapsOf(name: string, relation: Relation, parent: Noun | undefined): string[] {
  const target = nounOf(relation.target)
  const { argument, owner, order, on, from, filter, conditions = {}, orderBy, merged, kind } = relation
  const orders = [...(order ? [order] : []), ...Object.values(orderBy?.orders ?? {})]
  const gaps: (string | false | undefined)[] = [
    !parent &&
      target.scope === whoSeesItsParent &&
      `${name} shows ${target.type.name} at the root, but it is only seen through its parent`,
    relation.kind !== 'one' && !order && `${name} is a list without an order`,
    relation.kind === 'one' && on && !order && `${name} is the first of many, without an order`,
    on && on.table !== target.table && `${name}: ${on.name} is no column of ${target.type.name}`,
    argument &&
      argument.column.table !== target.table &&
      `${name}: ${argument.column.name} is no column of ${target.type.name}`,
    from && parent && from.table !== parent.table && `${name}: ${from.name} is no column of ${parent.type.name}`,
    owner &&
      !owner.of &&
      owner.column.table !== target.table &&
      `${name}: ${owner.column.name} is no column of ${target.type.name}`,
    owner?.of &&
      owner.of.table !== owner.column.table &&
      `${name}: ${owner.of.name} is not beside ${owner.column.name}`,
    ...orders.map(
      ({ by }) =>
        owner?.of &&
        !(propertyOf(by) in getTableColumns(owner.of.table as PgTable)) &&
        `${name} is ordered by ${by.name}, which is not beside ${owner.column.name}`,
    ),
    ...orders.map(
      ({ by, scoped, known }) =>
        !by.notNull && !scoped && !known && `${name} is ordered by ${by.name}, which may be null`,
    ),
    ...orders.map(({ by }) => by.table !== target.table && `${name} is ordered by ${by.name}, no column of its rows`),
    merged && merged.by.table !== target.table && `${name} is merged by ${merged.by.name}, no column of its rows`,
    merged && (kind !== 'connection' || owner?.of) && `${name} is merged, but is no page of its own table`,
    ...Object.keys(conditions).map((key) => !filter && `${name} declares the condition ${key}, but has no filter`),
  ]
  return gaps.filter((gap): gap is string => Boolean(gap))
}
/** The keys of a filter, and the values of an `orderBy`, that lead nowhere. */
export function argumentGapsOf(
  name: string,
  relation: Relation,
  keys: { filter: string[]; orderBy: string[] },
): string[] {
  const columns = columnsOf(nounOf(relation.target))
  return [
    ...keys.filter
      .filter((key) => !relation.conditions?.[key] && !columns[key])
      .map((key) => `${name}: the filter ${key} is neither a column nor declared in conditions`),
    ...keys.orderBy
      .filter((value) => !relation.orderBy?.orders[value])
      .map((value) => `${name}: the order ${value} names no column`),
  ]
}
