import type { GraphQLSchema } from 'graphql'
import type { Sql } from 'postgres'
import { domains } from './domains.js'
import { schemaOf } from './engine/engine.js'
import { callerKinds } from './shared/context.js'

/** The public schema, bound to a database and guarded. */
export function buildSchema(client: Sql, lookAhead = true): GraphQLSchema {
  const schema = schemaOf(domains, { client, kinds: callerKinds, lookAhead })
  const query = schema.getQueryType()
  // type-graphql has no place for it.
  if (query) query.description = what
  return schema
}
const what = 'What can be asked. Each field is null when it fails or finds nothing, and takes nothing else with it.'
