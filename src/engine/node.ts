import 'reflect-metadata'
import { type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { GraphQLObjectType } from 'graphql'
import { Arg, Field, ID, InterfaceType, Query, Resolver } from 'type-graphql'
import { NIL } from 'uuid'
import { AllowedTo, anyone } from './allowedTo.js'
import { type Leaf, leaf, propertyOf } from './declare.js'

@InterfaceType({
  description: 'An object that `node(id)` can fetch by its id.',
  autoRegisterImplementations: false, // a schema has those its fields lead to
})
export abstract class Node {
  @Field(() => ID, { description: 'Opaque id. It never changes.' })
  id!: string
}

/** Whether `node(id)` can fetch objects of this type. */
export const isNode = (type: GraphQLObjectType): boolean => type.getInterfaces().some(({ name }) => name === 'Node')

/** Type and key: the type's name, then 16 bytes of UUID. */
export const nodeIdOf = (type: string, key: string): string =>
  Buffer.concat([Buffer.from(type), Buffer.from(key.replaceAll('-', ''), 'hex')]).toString('base64url')

/** The same in SQL. */
export const nodeIdSql = (type: string, key: SQL | PgColumn): SQL =>
  sql`translate(encode(${sql.raw(`'\\x${Buffer.from(type).toString('hex')}'::bytea`)} || uuid_send(${key}), 'base64'), E'+/=\n', '-_')`

/** The id of an object that a column refers to, also if the caller may not see it. */
export const idIn = (column: PgColumn, type: string, description: string): Leaf =>
  leaf(
    () => ID,
    [column],
    (row) => nodeIdOf(type, row[propertyOf(column)]),
    { description, sql: (row) => nodeIdSql(type, row[propertyOf(column)]) },
  )

interface NodeId {
  type: string
  key: string
}
let latest: { id: string; parsed: NodeId | undefined } = { id: '', parsed: undefined }
/** Undefined if the text is not an id of ours. Remembers one, because a request asks for its id more than once. */
export function parseNodeId(id: string): NodeId | undefined {
  if (id !== latest.id) latest = { id, parsed: parsed(id) }
  return latest.parsed
}
function parsed(id: string): NodeId | undefined {
  const bytes = Buffer.from(id, 'base64url')
  if (bytes.length <= 16 || bytes.toString('base64url') !== id) return undefined
  const key = bytes.toString('hex', bytes.length - 16)
  const uuid = `${key.slice(0, 8)}-${key.slice(8, 12)}-${key.slice(12, 16)}-${key.slice(16, 20)}-${key.slice(20)}`
  return { type: bytes.toString('utf8', 0, bytes.length - 16), key: uuid }
}

/** The key of an id of that type. NIL, which no row has, for any other text: it takes the same statements. */
export function keyIn(id: string, type: string): string {
  const parsed = parseNodeId(id)
  return parsed?.type === type ? parsed.key : NIL
}

/** The root fields that find an object by id; the engine resolves them, each type by its own scope. */
@Resolver()
export class NodeResolver {
  @AllowedTo(anyone)
  @Query(() => Node, {
    nullable: true,
    description: 'One object by its id. Null if it does not exist or the caller may not see it.',
  })
  node(@Arg('id', () => ID, { description: 'Value of a field `id`.' }) _id: string): unknown {
    throw new Error('Query.node is not bound.')
  }
  @AllowedTo(anyone)
  @Query(() => [Node], {
    nullable: 'itemsAndList',
    description:
      'Objects by their ids, in the same order. An item is null if it does not exist or the caller may not see it.',
  })
  nodes(@Arg('ids', () => [ID], { description: 'Values of fields `id`, at most 100.' }) _ids: string[]): unknown {
    throw new Error('Query.nodes is not bound.')
  }
}
