import 'reflect-metadata'
import { ArgsType, Field, Int, ObjectType } from 'type-graphql'
import type { Class } from './declare.js'
import { badInput } from './errors.js'

@ObjectType({ simpleResolvers: true, description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether the list goes on behind this page.' })
  hasNextPage!: boolean
  @Field(() => Boolean, { description: 'Whether the list has something before this page.' })
  hasPreviousPage!: boolean
  @Field(() => String, { nullable: true, description: 'The cursor of the first on this page: `before` takes it.' })
  startCursor!: string | null
  @Field(() => String, { nullable: true, description: 'The cursor of the last on this page: `after` takes it.' })
  endCursor!: string | null
}

/** The page arguments of a hand-written root or field. Declared ones get them automatically. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the start, 1 to 100. Give this or `last`.' })
  first?: number
  @Field(() => String, { nullable: true, description: 'Only what comes after this cursor.' })
  after?: string
  @Field(() => Int, { nullable: true, description: 'How many from the end, 1 to 100. Give this or `first`.' })
  last?: number
  @Field(() => String, { nullable: true, description: 'Only what comes before this cursor.' })
  before?: string
}

/** A page as the database returns it. */
export interface PageRow {
  edges: { cursor: string; node: any }[]
  hasNextPage?: boolean
  hasPreviousPage?: boolean
  totalCount?: number
}
export const pageFields = {
  nodes: ({ edges }: PageRow) => edges.map(({ node }) => node),
  pageInfo: ({ edges, hasNextPage, hasPreviousPage }: PageRow) => ({
    hasNextPage,
    hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  }),
}

const connections = new Map<Class, Class>()
/** The Relay connection of a type: `ServiceConnection { edges { cursor node } nodes pageInfo totalCount }`. */
export function connectionOf(type: Class): Class {
  const known = connections.get(type)
  if (known) return known
  const { name } = type
  const edge = outputType(`${name}Edge`, `One ${name} of a page, and where it stands.`, {
    cursor: [() => String, 'Where it stands in the list. Opaque; good for this list in this order only.'],
    node: [() => type, `The ${name} itself.`],
  })
  const made = outputType(`${name}Connection`, `A page of a list of ${name}.`, {
    edges: [() => [edge], 'What is on this page, each with its cursor.'],
    nodes: [() => [type], 'What is on this page.'],
    pageInfo: [() => PageInfo, 'Where this page stands in the list.'],
    totalCount: [() => Int, 'How many the whole list has. Counted only when asked for.'],
  })
  connections.set(type, made)
  return made
}
function outputType(name: string, description: string, fields: Record<string, [of: () => any, description: string]>) {
  const type = { [name]: class {} }[name]!
  for (const [field, [of, description]] of Object.entries(fields)) Field(of, { description })(type.prototype, field)
  ObjectType(name, { simpleResolvers: true, description })(type)
  return type
}

export interface Page {
  count: number
  backward: boolean
  after: string | null
  before: string | null
}
/** Reads the page arguments. Throws what the client must correct. */
export function pageOf(args: Record<string, any>, atMost: number): Page {
  const { first, last, after = null, before = null } = args
  if ((first == null) === (last == null)) throw badInput('A list wants either `first` or `last`.')
  const count = first ?? last
  if (count < 1 || count > atMost) throw badInput(`A page has 1 to ${atMost} rows; ${count} were asked for.`)
  return { count, backward: last != null, after, before }
}

/** The cursor's values of the order columns, as text. A cursor names its list. */
export function positionOf(cursor: string, list: string): [value: string, key: string] {
  const [of, value, key, ...more] = partsOf(cursor)
  if (of === list && typeof value === 'string' && typeof key === 'string' && !more.length) return [value, key]
  throw badInput(`Not a cursor of this list: ${cursor.slice(0, 60)}`)
}
function partsOf(cursor: string): unknown[] {
  const bytes = Buffer.from(cursor, 'base64')
  if (bytes.toString('base64') !== cursor) return [] // Node decodes truncated or garbled text as far as it can
  try {
    const parts: unknown = JSON.parse(bytes.toString())
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}
