import { type Column, getTableColumns, Placeholder, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { GraphQLField, GraphQLObjectType } from 'graphql'
import { Arg, Extensions, Field, ID, Int, Query, Resolver } from 'type-graphql'
import type { About } from './about.js'
import { AllowedTo, type Rule } from './allowedTo.js'
import { connectionOf } from './connection.js'

// type-graphql and drizzle need classes, rows and values of every type, hence `any`.
export type Class<T = any> = abstract new (...args: any[]) => T
/** A table's columns in one alias, by property. */
export type Row<T extends PgTable = PgTable> = T['_']['columns']

// Parameters from the request -----------------------------------------------------------------------------------

/** The engine's own part of a request context. */
export interface Request {
  readonly caller: {
    readonly kind: string
    /** Chooses between statements of one kind of caller. */
    readonly variant?: string
  }
  /** In milliseconds since 1970: no statement starts after it. */
  readonly deadline: number
  /** What is assumed of the caller. Until it is read, only a statement that checks it may answer. */
  readonly premise?: { readonly isRead: boolean } | undefined
  readonly about?: About
}
export interface Run {
  context: any
  variables: Record<string, unknown>
  keys?: readonly unknown[]
}
/** A parameter that each run of a statement reads anew. */
export class Asked extends Placeholder {
  constructor(
    readonly read: (run: Run) => unknown,
    /** Whether it depends neither on the caller nor on anything else that differs between two callers at one moment. */
    readonly isSameForAll = false,
  ) {
    super('asked')
  }
}
/** `eq(row.partyId, asked((context: Context) => context.caller.partyId))` */
export const asked = <Context>(read: (context: Context) => unknown) => new Asked(({ context }) => read(context) ?? null)
/** The same, for what is the same for all callers at one moment, such as the date: caches may keep such answers. */
export const askedForAll = <Context>(read: (context: Context) => unknown) =>
  new Asked(({ context }) => read(context) ?? null, true)

// Who may see a row ----------------------------------------------------------------------------------------------

export const everyone = Symbol('everyone may see it')
/** Reached only through a visible parent: such a noun cannot be at the root, nor be a Node. */
export const whoSeesItsParent = Symbol('who sees its parent')
/** A condition on the row, for a variant of the caller's kind. `through` is the owner's row by which a list reached it. */
type Predicate<T extends PgTable> = (row: Row<T>, variant: string | undefined, through?: any) => SQL | undefined
/** By caller kind. A kind that is neither named nor covered by `others` sees nothing. */
type ScopeByKind<T extends PgTable> = Record<string, Predicate<T> | typeof everyone>
export type Scope<T extends PgTable = any> = typeof everyone | typeof whoSeesItsParent | Predicate<T> | ScopeByKind<T>

export interface Noun {
  type: Class
  table: PgTable
  key: PgColumn
  scope: Scope
}
// By class, not by name: two schemas of one process may each have a type of the same name.
const nouns = new WeakMap<Class, Noun>()
const declared = new WeakMap<Class, Map<string, Declared>>()

/** The table of a type, and who may see its rows. */
export const Stored =
  <T extends PgTable>(table: T, scope: Scope<T>) =>
  (type: Class): void => {
    const key = Object.values(getTableColumns(table)).find((column) => column.primary)
    if (!key) fail(`${type.name} is stored in ${nameOf(table)}, which has no primary key of one column.`)
    const noun: Noun = { type, table, key: key as PgColumn, scope }
    nouns.set(type, noun)
    Extensions({ noun })(type)
  }

export const nounOf = (type: Class): Noun => nouns.get(type) ?? fail(`${type.name} is not @Stored.`)
/** The noun behind a type of the schema, if any. */
export const nounOfType = ({ extensions }: GraphQLObjectType) => extensions.noun as Noun | undefined // `Stored` put it there
export const declaredOf = (type: Class): ReadonlyMap<string, Declared> => declared.get(type) ?? new Map()

// Relations -----------------------------------------------------------------------------------------------------

/** A column that is never null in visible rows; the key breaks ties. */
export interface Order {
  by: PgColumn
  descending: boolean
  /** The column may be null, and the noun's scope excludes such rows. */
  scoped?: boolean
  /** The column may be null, and this order excludes such rows. */
  known?: boolean
  /** This order excludes all other rows. */
  where?: (row: any) => SQL
}
export const ascending = (by: PgColumn): Order => ({ by, descending: false })
export const ascendingWithin = (by: PgColumn): Order => ({ by, descending: false, scoped: true })
export const ascendingWhereKnown = (by: PgColumn, where?: Order['where']): Order => ({
  by,
  descending: false,
  known: true,
  ...(where && { where }),
})
export const descending = (by: PgColumn): Order => ({ by, descending: true })

interface Described {
  description: string
  deprecationReason?: string
  nullable?: boolean
  /** Who may read it; for a field of a noun, in addition to the noun's rule. */
  allowedTo?: Rule
}
/** A root field has no parent, so it declares its own rule. */
type Placed<On> = On extends undefined ? { allowedTo: Rule } : unknown
/** An argument that selects the owner of the rows, and its default. */
export interface Owner {
  argument: string
  description: string
  /** The argument's type. Defaults to ID. */
  type?: () => any
  column: PgColumn
  /**
   * The key of the row, if the column is in a table of rows and owners. Pages are read in the order of that table, which
   * has the columns of the order too.
   */
  of?: PgColumn
  /** The column's value for an argument. Matches no row if undefined; the same statement runs either way. */
  keyOf(given: string | null | undefined, context: any): string | null
}
/** `isTrue` is the value itself if it is boolean. All other values differ between runs of one statement. */
type Conditions = Record<string, (row: any, value: Asked, isTrue: boolean) => SQL | undefined>
/**
 * Reads the page of each value of a column and merges them, because an index that begins with the column keeps the order
 * of the rows of one value only. `values` returns each value that rows may have, once.
 */
export interface Merged {
  by: PgColumn
  values(args: Record<string, any>): readonly string[]
}
interface Choice {
  /** A condition on every row of this relation, in addition to its scope. */
  where?: (row: any) => SQL | undefined
  order?: Order
  /** The values of the `orderBy` enum, and the order each names. */
  orderBy?: { type: object; orders: Record<string, Order> }
  owner?: Owner
  /** An input type. Each of its fields is a column's name, or has an entry in `conditions`. */
  filter?: Class
  conditions?: Conditions
  merged?: Merged
  /** The maximum length of a plain list or a page. */
  atMost?: number
  /** A plain list ends there. Otherwise a longer list is an error. */
  cut?: boolean
}
export interface Relation extends Choice, Described {
  kind: 'one' | 'many' | 'connection'
  target: Class
  /** The parent's column with the key. Defaults to its primary key. Roots have none. */
  from?: PgColumn
  /** The target's column compared with the key. Defaults to its primary key. */
  on?: PgColumn
  /** At the root: the argument with the key. */
  argument?: { name: string; column: PgColumn; description: string }
  atMost: number
}
export interface Leaf extends Described {
  kind: 'leaf'
  type: () => any
  columns: readonly PgColumn[]
  resolve(row: any, context: any): unknown
  /** The same in SQL, so that a row can be answered without being read. */
  sql?: (row: any) => LeafSql
  /** What comes with the row beside its columns, by name. */
  brings?: Brought
  /** Whether it depends on the row and the language alone, though it takes the context. */
  isSameForAll?: true
}
/** A value, or the fields of an object that is null unless `isPresent`. */
export type LeafSql = SQL | { isPresent: SQL; parts: Record<string, SQL> }
export type Declared = Relation | Leaf

/** The parent has the key: `Service.agency`. */
export const one = (target: Class, from: PgColumn, described: Described): Relation => {
  const sure = from.notNull && nounOf(target).scope === everyone
  return { kind: 'one', target, from, atMost: 1, nullable: !sure, ...described }
}
/** The target has the key, and the first row by the order is meant: the current version. */
export const has = (target: Class, on: PgColumn, choice: Choice & Described): Relation => ({
  kind: 'one',
  target,
  on,
  nullable: true,
  ...choice,
  atMost: 1,
})
/** A complete list, limited by its parent. At the root without a column. */
export const many = <On extends PgColumn | undefined>(
  target: Class,
  on: On,
  choice: Choice & Described & Placed<On>,
): Relation => ({
  kind: 'many',
  target,
  on,
  atMost: 30,
  nullable: !on,
  ...choice,
})
/** A paginated list. At the root without a column. Nullable, so that a failing page affects nothing else. */
export const connection = <On extends PgColumn | undefined>(
  target: Class,
  on: On,
  choice: Choice & Described & Placed<On>,
): Relation => ({
  kind: 'connection',
  target,
  on,
  atMost: 100,
  nullable: true,
  ...choice,
})
/** A root field with a human key: `service(code:)`. */
export const find = (
  target: Class,
  column: PgColumn,
  described: Described & { argument: string; allowedTo: Rule },
): Relation => ({
  kind: 'one',
  target,
  atMost: 1,
  nullable: true,
  ...described,
  argument: { name: propertyOf(column), column, description: described.argument },
})
/** A synchronous function of one or more columns, and optionally the same in SQL: a test compares them. */
export const leaf = (
  type: () => any,
  columns: readonly PgColumn[],
  resolve: (row: any, context: any) => unknown,
  described: Described & Pick<Leaf, 'sql' | 'isSameForAll'>,
): Leaf => ({ kind: 'leaf', type, columns, nullable: columns.some(({ notNull }) => !notNull), resolve, ...described })

/** A value that SQL alone computes, from the row and what belongs to it. It is not null, and the same for all callers. */
export const inSql = (type: () => any, name: string, of: (row: any) => SQL, described: Described): Leaf => ({
  ...leaf(type, [], (row) => row[name], { ...described, sql: of }),
  brings: { [name]: of },
})

/** A value that hand-written code put beside the row's key. */
export const carried = (type: () => any, name: string, described: Described): Leaf =>
  leaf(type, [], (row) => row[name], described)

type Brought = Record<string, (row: any) => SQL>
/**
 * What a hand-written field of a noun is computed from beside the row's columns, as JSON. It comes with the row, in the
 * same statement. A row that hand-written code returns has none of it.
 */
export const Brings = (brings: Brought) => Extensions({ brings })
export const broughtBy = ({ extensions }: GraphQLField<any, any>): [name: string, of: (row: any) => SQL][] =>
  Object.entries((extensions.brings as Brought | undefined) ?? {}) // `Brings` put it there

/** Declares fields of a type, its own or an earlier domain's. */
export function fields(type: Class, declarations: Record<string, Declared>): void {
  const all = declared.get(type) ?? new Map<string, Declared>()
  declared.set(type, all)
  for (const [name, declaration] of Object.entries(declarations)) {
    if (all.has(name)) fail(`${type.name}.${name} is declared twice.`)
    all.set(name, declaration)
    Field(outputOf(declaration), { ...descriptionOf(declaration), simple: true })(type.prototype, name)
    if (declaration.allowedTo) AllowedTo(declaration.allowedTo)(type.prototype, name)
    addArguments(type, name, declaration)
  }
}

/** A domain's root fields. */
export interface Queries<Relations = Record<string, Relation>> {
  relations: Relations
  resolver: new () => object
}
/** Declares root fields, for `queries` of their domain. */
export function queries<Relations extends Record<string, Relation>>(relations: Relations): Queries<Relations> {
  const resolver = class {}
  Resolver()(resolver)
  for (const [name, relation] of Object.entries(relations)) {
    Query(outputOf(relation), descriptionOf(relation))(resolver.prototype, name, { value() {} })
    if (relation.allowedTo) AllowedTo(relation.allowedTo)(resolver.prototype, name)
    addArguments(resolver, name, relation)
  }
  return { relations, resolver }
}

const descriptionOf = ({ description, deprecationReason, nullable }: Described) => ({
  description,
  nullable,
  ...(deprecationReason ? { deprecationReason } : {}),
})
const addArguments = ({ prototype }: Class, name: string, declaration: Declared) =>
  argumentsOf(declaration).forEach(([argument, of, nullable, description], index) => {
    Arg(argument, of, { nullable, description })(prototype, name, index)
  })

function outputOf(declaration: Declared): () => any {
  if (declaration.kind === 'leaf') return declaration.type
  const { kind, target } = declaration
  // Created now: type-graphql ignores types that appear while it builds.
  const output = kind === 'connection' ? connectionOf(target) : kind === 'many' ? [target] : target
  return () => output
}

type Argument = [name: string, of: () => any, nullable: boolean, description: string]
function argumentsOf(declaration: Declared): Argument[] {
  if (declaration.kind === 'leaf') return []
  const { kind, argument, owner, filter, orderBy, atMost } = declaration
  if (kind === 'one' && argument) {
    return [[argument.name, () => (argument.column.primary ? ID : String), false, argument.description]]
  }
  const all: Argument[] = owner ? [[owner.argument, owner.type ?? (() => ID), true, owner.description]] : []
  if (kind === 'connection') {
    all.push([
      'first',
      () => Int,
      true,
      `Number of items from the start, 1 to ${atMost}. Provide either \`first\` or \`last\`.`,
    ])
    all.push(['after', () => String, true, 'Returns the items after this cursor.'])
    all.push([
      'last',
      () => Int,
      true,
      `Number of items from the end, 1 to ${atMost}. Provide either \`first\` or \`last\`.`,
    ])
    all.push(['before', () => String, true, 'Returns the items before this cursor.'])
  }
  if (filter) all.push(['filter', () => filter, true, 'Filters the list. All conditions must match.'])
  if (orderBy) all.push(['orderBy', () => orderBy.type, true, 'Order of the list.'])
  return all
}

// Columns --------------------------------------------------------------------------------------------------------

const properties = new WeakMap<object, Map<string, string>>()
/** The property name of a column. */
export function propertyOf(column: Column): string {
  let names = properties.get(column.table)
  if (!names) {
    const columns = Object.entries(getTableColumns(column.table as PgTable))
    names = new Map(columns.map(([property, { name }]) => [name, property]))
    properties.set(column.table, names)
  }
  return names.get(column.name) ?? fail(`${column.name} is no column of ${nameOf(column.table as PgTable)}.`)
}
export const columnsOf = ({ table }: Noun) => getTableColumns(table) as Record<string, PgColumn>
export const nameOf = (table: PgTable): string => (table as any)[Symbol.for('drizzle:Name')]
export function fail(message: string): never {
  throw new Error(message)
}
