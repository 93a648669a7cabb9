import type { GraphQLSchema } from 'graphql'
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql'
import { type Binding, bind } from './bind.js'
import type { Command } from './command.js'
import { fail, type Queries } from './declare.js'
import { guard } from './guard.js'
import { NodeResolver } from './nodeId.js'
import { type FieldRates, limitCalls, type MeterOf } from './rates.js'

export interface Domain {
  name: string
  /** Its root fields. */
  queries?: Queries[]
  /** Classes of resolvers by hand: for what is computed, or asked of an agency. */
  resolvers?: Class[]
  /** Its mutations. */
  commands?: Command[]
  /** How often one thing may be asked for. */
  rates?: FieldRates
}
type Class = new () => object

interface Counted {
  /** Where calls are counted. */
  meterOf?: MeterOf
}

/** Domains made into one guarded schema. Throws what stops the start: gaps of the schema, gaps of the guard. */
export function schemaOf(domains: Domain[], { meterOf, ...binding }: Binding & Counted): GraphQLSchema {
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
  const schema = buildSchemaSync({ resolvers, validate: false, skipCheck: true }) // Apollo checks it
  bind(schema, queries, commands, binding)
  if (meterOf) limitCalls(schema, Object.assign({}, ...domains.map(({ rates }) => rates)), meterOf)
  guard(schema)
  return schema
}

function refuseTwins(what: string, names: readonly string[]) {
  const twin = names.find((name, at) => names.indexOf(name) < at)
  if (twin) fail(`Two ${what} are named ${twin}.`)
}
