import type { GraphQLSchema } from 'graphql'
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql'
import { type Binding, bind } from './bind.js'
import type { Command } from './command.js'
import { fail, type Queries } from './declare.js'
import type { Ways } from './fetch.js'
import { type Guard, guard } from './guard.js'
import { NodeResolver } from './node.js'
import { markOneOf } from './oneOf.js'
import { limitCalls, type MeterOf } from './rates.js'

export interface Domain {
  name: string
  /** Root fields. */
  queries?: Queries[]
  /** Hand-written resolver classes: for fields that are computed or come from an agency. */
  resolvers?: Class[]
  /** Mutations. */
  commands?: Command[]
}
type Class = new () => object

interface Counted {
  /** The store that counts calls. */
  meterOf?: MeterOf
}

/** Builds one guarded schema from the domains. Throws if a field has no source or no rule. */
export function schemaOf(domains: readonly Domain[], { meterOf, ...binding }: Binding & Counted): GraphQLSchema {
  const queries = domains.flatMap(({ queries = [] }) => queries)
  const commands = domains.flatMap(({ commands = [] }) => commands)
  const resolvers: NonEmptyArray<Class> = [
    NodeResolver,
    ...domains.flatMap(({ resolvers = [] }) => resolvers),
    ...[...queries, ...commands].map(({ resolver }) => resolver),
  ]
  refuseTwins(
    'queries',
    queries.flatMap(({ relations }) => Object.keys(relations)),
  )
  refuseTwins(
    'commands',
    commands.map(({ name }) => name),
  )
  const schema = buildSchemaSync({ resolvers, validate: false, skipCheck: true }) // Apollo validates it
  markOneOf(schema)
  const ways = bind(schema, queries, commands, binding)
  if (meterOf) limitCalls(schema, meterOf)
  engines.set(schema, { ways, guard: guard(schema) })
  return schema
}

interface Engine {
  ways: Ways
  guard: Guard
}
const engines = new WeakMap<GraphQLSchema, Engine>()
/** How a schema of `schemaOf` reads, and who may. */
export const engineOf = (schema: GraphQLSchema): Engine =>
  engines.get(schema) ?? fail('The schema is not of this engine.')

function refuseTwins(what: string, names: readonly string[]) {
  const twin = names.find((name, at) => names.indexOf(name) < at)
  if (twin) fail(`Two ${what} are named ${twin}.`)
}
