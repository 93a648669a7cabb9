import 'reflect-metadata'
import { Arg, Field, ID, InterfaceType, Query, Resolver } from 'type-graphql'
import { AllowedTo, anyone } from './allowedTo.js'

@InterfaceType({
  description: 'What can be found again by its id: `node(id)`.',
  autoRegisterImplementations: false, // a schema has those its fields lead to
})
export abstract class Node {
  @Field(() => ID, { description: 'Opaque, and the same for as long as the thing exists.' })
  id!: string
}

/** Type and key: the type's name, then 16 bytes of UUID. */
export const nodeIdOf = (type: string, key: string): string =>
  Buffer.concat([Buffer.from(type), Buffer.from(key.replaceAll('-', ''), 'hex')]).toString('base64url')

/** Undefined if the text is not an id of ours. */
export function parseNodeId(id: string): { type: string; key: string } | undefined {
  const bytes = Buffer.from(id, 'base64url')
  if (bytes.length <= 16 || bytes.toString('base64url') !== id) return undefined
  const key = bytes.subarray(-16).toString('hex')
  return {
    type: bytes.subarray(0, -16).toString(),
    key: key.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  }
}

/** The root fields that find an object by id; the engine resolves them, each type by its own scope. */
@Resolver()
export class NodeResolver {
  @AllowedTo(anyone)
  @Query(() => Node, { nullable: true, description: 'One thing by its id; null when there is none for this caller.' })
  node(@Arg('id', () => ID, { description: 'An id that a field `id` gave.' }) _id: string): unknown {
    throw new Error('Query.node is not bound.')
  }
  @AllowedTo(anyone)
  @Query(() => [Node], {
    nullable: 'itemsAndList',
    description: 'Things by their ids, in the same order; null for each that there is none of for this caller.',
  })
  nodes(@Arg('ids', () => [ID], { description: 'At most 100 ids that fields `id` gave.' }) _ids: string[]): unknown {
    throw new Error('Query.nodes is not bound.')
  }
}
