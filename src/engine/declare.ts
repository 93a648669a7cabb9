import { type Column, getTableColumns, Placeholder, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { GraphQLObjectType } from 'graphql'
import { Arg, Extensions, Field, ID, Int, Query, Resolver } from 'type-graphql'
import { AllowedTo, type Rule } from './allowedTo.js'
import { connectionOf } from './connection.js'

// type-graphql and drizzle speak of classes, rows and values of every type: `any` stands for those here.
export type Class<T = any> = abstract new (...args: any[]) => T
/** A table's columns, of one alias of it, by property. */
export type Row<T extends PgTable = PgTable> = T['_']['columns']

// What a statement asks of the request ---------------------------------------------------------------------------

/** What the engine itself knows of a request. */
export interface Request {
  readonly caller: { readonly kind: string }
  /** In milliseconds since 1970: nothing more is asked of the database after it. */
  readonly deadline: number
}
export interface Run {
  context: any
  variables: Record<string, unknown>
  keys?: readonly unknown[]
}
/** A parameter of a statement that is read anew at each run. */
export class Asked extends Placeholder {
  constructor(readonly read: (run: Run) => unknown) {
    super('asked')
  }
}
/** `eq(row.partyId, asked((context: Context) => context.caller.partyId))` */
export const asked = <Context>(read: (context: Context) => unknown) => new Asked(({ context }) => read(context) ?? null)

// Who may see a row ----------------------------------------------------------------------------------------------

export const everyone = Symbol('everyone may see it')
/** Only reached through a parent that was seen; such a noun may not stand at the root, nor be a Node. */
export const whoSeesItsParent = Symbol('who sees its parent')
type Predicate<T extends PgTable> = (row: Row<T>) => SQL | undefined
/** By kind of caller; a kind that is not named, nor meant by `others`, sees nothing. */
type ScopeByKind<T extends PgTable> = Record<string, Predicate<T> | typeof everyone>
export type Scope<T extends PgTable = any> = typeof everyone | typeof whoSeesItsParent | Predicate<T> | ScopeByKind<T>

export interface Noun {
  type: Class
  table: PgTable
  key: PgColumn
  scope: Scope
}
// By class, and not by name: schemas of one process may each have a type of the same name.
const nouns = new WeakMap<Class, Noun>()
const declared = new WeakMap<Class, Map<string, Declared>>()

/** Where the rows of a type lie, and who may see one. */
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
/** The noun that a type of a schema was made of, if any. */
export const nounOfType = ({ extensions }: GraphQLObjectType) => extensions.noun as Noun | undefined // put there by `Stored`
export const declaredOf = (type: Class): ReadonlyMap<string, Declared> => declared.get(type) ?? new Map()

// What leads where -----------------------------------------------------------------------------------------------

/** One column that is never null among the rows that are shown; the key breaks ties. */
export interface Order {
  by: PgColumn
  descending: boolean
  /** The column may be null, and the noun's scope leaves such rows out. */
  scoped?: boolean
  /** The column may be null, and this order leaves such rows out. */
  known?: boolean
}
export const ascending = (by: PgColumn): Order => ({ by, descending: false })
export const ascendingWithin = (by: PgColumn): Order => ({ by, descending: false, scoped: true })
export const ascendingWhereKnown = (by: PgColumn): Order => ({ by, descending: false, known: true })
export const descending = (by: PgColumn): Order => ({ by, descending: true })

interface Told {
  description: string
  deprecationReason?: string
  nullable?: boolean
  /** Who may read it; of a field of a noun, beyond the noun's own rule. */
  allowedTo?: Rule
}
/** A root field, which has no parent's column to go by, says who may use it. */
type Placed<On> = On extends undefined ? { allowedTo: Rule } : unknown
/** An argument that says whose rows are meant; without it, whose that is by default. */
export interface Owner {
  argument: string
  description: string
  /** What it takes; an id where nothing is said. */
  type?: () => any
  column: PgColumn
  /** What the column must hold, by what was given. Nobody's where that is nothing: the same is asked of the database. */
  keyOf(given: string | null | undefined, context: any): string | null
}
type Conditions = Record<string, (row: any, value: Asked) => SQL>
interface Choice {
  /** What holds for every row of this relation, beside its scope. */
  where?: (row: any) => SQL | undefined
  order?: Order
  /** The values of an enum `orderBy` with the order each names. */
  orderBy?: { type: object; orders: Record<string, Order> }
  owner?: Owner
  /** An input type; each of its fields is a column's name, or is told in `conditions`. */
  filter?: Class
  conditions?: Conditions
  /** The most rows a plain list has, or a page may be asked for. */
  atMost?: number
  /** A plain list ends there. Otherwise it is a fault that there are more. */
  cut?: boolean
}
export interface Relation extends Choice, Told {
  kind: 'one' | 'many' | 'connection'
  target: Class
  /** The parent's column that holds the key; the parent's primary key when absent. Roots have none. */
  from?: PgColumn
  /** The target's column that the key is compared with; its primary key when absent. */
  on?: PgColumn
  /** At the root: the argument that holds the key. */
  argument?: { name: string; column: PgColumn; description: string }
  atMost: number
}
export interface Leaf extends Told {
  kind: 'leaf'
  type: () => any
  columns: readonly PgColumn[]
  resolve(row: any, context: any): unknown
}
export type Declared = Relation | Leaf

/** The parent holds the key: `Service.agency`. */
export const one = (target: Class, from: PgColumn, told: Told): Relation => {
  const sure = from.notNull && nounOf(target).scope === everyone
  return { kind: 'one', target, from, atMost: 1, nullable: !sure, ...told }
}
/** The target holds the key, and the first by the order is meant: the version in force. */
export const has = (target: Class, on: PgColumn, choice: Choice & Told): Relation => ({
  kind: 'one',
  target,
  on,
  nullable: true,
  ...choice,
  atMost: 1,
})
/** A list that its parent bounds, in full. At the root without a column. */
export const many = <On extends PgColumn | undefined>(
  target: Class,
  on: On,
  choice: Choice & Told & Placed<On>,
): Relation => ({
  kind: 'many',
  target,
  on,
  atMost: 30,
  nullable: !on,
  ...choice,
})
/** A list in pages. At the root without a column. Nullable, so that a page that fails takes nothing with it. */
export const connection = <On extends PgColumn | undefined>(
  target: Class,
  on: On,
  choice: Choice & Told & Placed<On>,
): Relation => ({
  kind: 'connection',
  target,
  on,
  atMost: 100,
  nullable: true,
  ...choice,
})
/** At the root, by a key that people know: `service(code:)`. */
export const find = (
  target: Class,
  column: PgColumn,
  told: Told & { argument: string; allowedTo: Rule },
): Relation => ({
  kind: 'one',
  target,
  atMost: 1,
  nullable: true,
  ...told,
  argument: { name: propertyOf(column), column, description: told.argument },
})
/** A value made of one or more columns of the row, by a function that does not wait. */
export const leaf = (
  type: () => any,
  columns: readonly PgColumn[],
  resolve: (row: any, context: any) => unknown,
  told: Told,
): Leaf => ({ kind: 'leaf', type, columns, nullable: columns.some(({ notNull }) => !notNull), resolve, ...told })

/** A value that whoever made the row by hand put beside its key. */
export const carried = (type: () => any, name: string, told: Told): Leaf => leaf(type, [], (row) => row[name], told)

/** Declares fields of a type: its own, or an earlier domain's. */
export function fields(type: Class, declarations: Record<string, Declared>): void {
  const all = declared.get(type) ?? new Map<string, Declared>()
  declared.set(type, all)
  for (const [name, declaration] of Object.entries(declarations)) {
    if (all.has(name)) fail(`${type.name}.${name} is declared twice.`)
    all.set(name, declaration)
    Field(outputOf(declaration), { ...toldOf(declaration), simple: true })(type.prototype, name)
    if (declaration.allowedTo) AllowedTo(declaration.allowedTo)(type.prototype, name)
    addArguments(type, name, declaration)
  }
}

/** Root fields of a domain. */
export interface Queries<Relations = Record<string, Relation>> {
  relations: Relations
  resolver: new () => object
}
/** Declares root fields, for `queries` of their domain. */
export function queries<Relations extends Record<string, Relation>>(relations: Relations): Queries<Relations> {
  const resolver = class {}
  Resolver()(resolver)
  for (const [name, relation] of Object.entries(relations)) {
    Query(outputOf(relation), toldOf(relation))(resolver.prototype, name, { value() {} })
    if (relation.allowedTo) AllowedTo(relation.allowedTo)(resolver.prototype, name)
    addArguments(resolver, name, relation)
  }
  return { relations, resolver }
}

const toldOf = ({ description, deprecationReason, nullable }: Told) => ({
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
  // Made now: type-graphql sees no type that is born while it builds.
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
    all.push(['first', () => Int, true, `How many from the start, 1 to ${atMost}. Give this or \`last\`.`])
    all.push(['after', () => String, true, 'Only what comes after this cursor.'])
    all.push(['last', () => Int, true, `How many from the end, 1 to ${atMost}. Give this or \`first\`.`])
    all.push(['before', () => String, true, 'Only what comes before this cursor.'])
  }
  if (filter) all.push(['filter', () => filter, true, 'Only what fits all that is given here.'])
  if (orderBy) all.push(['orderBy', () => orderBy.type, true, 'The order of the list.'])
  return all
}

// Columns --------------------------------------------------------------------------------------------------------

const properties = new WeakMap<object, Map<string, string>>()
/** The name that rows know a column by. */
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
