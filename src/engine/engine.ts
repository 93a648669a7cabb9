import type { GraphQLSchema } from 'graphql'
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql'
import { type Binding, bind } from './bind.js'
import { fail, Root } from './declare.js'
import { type Access, guard } from './guard.js'
import { NodeResolver } from './nodeId.js'

export interface Domain {
  name: string
  /** Classes of resolvers by hand: for what is computed, or asked of an agency. */
  resolvers?: Class[]
  /** Who may use each root field, and see each type. */
  access: Access
}
type Class = new () => object

/** Domains made into one guarded schema. Throws what stops the start: gaps of the schema, gaps of the guard. */
export function schemaOf(domains: Domain[], binding: Binding): GraphQLSchema {
  const resolvers: NonEmptyArray<Class> = [Root, NodeResolver, ...domains.flatMap(({ resolvers }) => resolvers ?? [])]
  const schema = buildSchemaSync({ resolvers, validate: false })
  bind(schema, binding)
  guard(schema, accessOf(domains))
  return schema
}

const roots = ['Query', 'Mutation', 'Subscription']
function accessOf(domains: Domain[]): Access {
  const all: Access = {}
  for (const { name, access } of domains)
    for (const [type, rules] of Object.entries(access)) {
      if (roots.includes(type)) all[type] = { ...all[type], ...rules } as Access[string]
      else if (all[type]) fail(`${name} gives ${type} a rule, and another domain has given it one.`)
      else all[type] = rules
    }
  return all
}
