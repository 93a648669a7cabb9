import 'reflect-metadata'
import { ArgsType, Field, Int, ObjectType } from 'type-graphql'
import type { Class } from './declare.js'
import { badInput } from './errors.js'

@ObjectType({ simpleResolvers: true, description: 'Position of a page in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'True if there are items after this page.' })
  hasNextPage!: boolean
  @Field(() => Boolean, { description: 'True if there are items before this page.' })
  hasPreviousPage!: boolean
  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the first item of this page. Pass it as `before` to get the previous page.',
  })
  startCursor!: string | null
  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last item of this page. Pass it as `after` to get the next page.',
  })
  endCursor!: string | null
}

/** The page arguments of a hand-written root or field. Declared ones get them automatically. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'Number of items from the start, 1 to 100. Provide either `first` or `last`.',
  })
  first?: number
  @Field(() => String, { nullable: true, description: 'Returns the items after this cursor.' })
  after?: string
  @Field(() => Int, {
    nullable: true,
    description: 'Number of items from the end, 1 to 100. Provide either `first` or `last`.',
  })
  last?: number
  @Field(() => String, { nullable: true, description: 'Returns the items before this cursor.' })
  before?: string
}

/** A page as the database returns it: its edges, and what else was selected. */
export interface PageRow extends Partial<PageInfo> {
  edges: { cursor?: string; node: any }[]
  totalCount?: number
  totalCountIsExact?: boolean
}
export const pageFields = {
  nodes: ({ edges }: PageRow) => edges.map(({ node }) => node),
  // A hand-written page has a cursor on each edge, and counts exactly.
  pageInfo: ({ edges, hasNextPage, hasPreviousPage, startCursor, endCursor }: PageRow) => ({
    hasNextPage,
    hasPreviousPage,
    startCursor: startCursor ?? edges[0]?.cursor ?? null,
    endCursor: endCursor ?? edges.at(-1)?.cursor ?? null,
  }),
  totalCountIsExact: ({ totalCountIsExact = true }: PageRow) => totalCountIsExact,
}

const connections = new Map<Class, Class>()
/** The Relay connection of a type: `ServiceConnection { edges { cursor node } nodes pageInfo totalCount }`. */
export function connectionOf(type: Class): Class {
  const known = connections.get(type)
  if (known) return known
  const { name } = type
  const edge = outputType(`${name}Edge`, `One ${name} of a page, with its cursor.`, {
    cursor: [() => String, 'Position in the list. Opaque, and only valid for this list in this order.'],
    node: [() => type, `The ${name}.`],
  })
  const made = outputType(`${name}Connection`, `One page of a list of type ${name}.`, {
    edges: [() => [edge], 'Items of this page, each with its cursor.'],
    nodes: [() => [type], 'Items of this page.'],
    pageInfo: [() => PageInfo, 'Position of this page in the list.'],
    totalCount: [() => Int, 'Number of items in the whole list, counted up to 10,000. Counted only if selected.'],
    totalCountIsExact: [() => Boolean, 'False if the list has more items than `totalCount`.'],
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
  if ((first == null) === (last == null)) throw badInput('Provide either `first` or `last`.')
  const count = first ?? last
  if (count < 1 || count > atMost)
    throw badInput(`\`${last == null ? 'first' : 'last'}\` must be 1 to ${atMost}; it is ${count}.`)
  return { count, backward: last != null, after, before }
}

/** The cursor's values of the order columns, as text. A cursor names its list. */
export function positionOf(cursor: string, list: string): [value: string, key: string] {
  const [of, value, key, ...more] = partsOf(cursor)
  if (of === list && typeof value === 'string' && typeof key === 'string' && !more.length) return [value, key]
  throw badInput(`"${cursor.slice(0, 60)}" is not a cursor of this list. Use one from the same list in the same order.`)
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
