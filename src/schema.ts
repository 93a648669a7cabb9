import type { GraphQLSchema } from 'graphql'
import type { Sql } from 'postgres'
import { domains } from './domains.js'
import { schemaOf } from './engine/engine.js'
import { once } from './events/commandKeys.js'
import { callerKinds, meterOf } from './shared/context.js'
import { say } from './shared/language.js'

/** The public schema, bound to a database and guarded. */
export function buildSchema(client: Sql, lookAhead = true): GraphQLSchema {
  const schema = schemaOf(domains, { client, kinds: callerKinds, lookAhead, ground: { once, say }, meterOf })
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()]
  // type-graphql has no place for them.
  if (query) query.description = asked
  if (mutation) mutation.description = done
  return schema
}
const asked = 'What can be asked. Each field is null when it fails or finds nothing, and takes nothing else with it.'
const done =
  'What can be done. Those of one operation are done one after another, each wholly or not at all. What the caller can ' +
  'mend is told in `userErrors`.'
