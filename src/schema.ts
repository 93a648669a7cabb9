import type { GraphQLSchema } from 'graphql'
import { domains } from './domains.js'
import { schemaOf } from './engine/engine.js'
import { once } from './events/commandKeys.js'
import { type Context, callerKinds, meterOf } from './shared/context.js'
import { messages } from './shared/messages.js'

const built = new Map<boolean, GraphQLSchema>()
/** The guarded public schema, one for the process: each request brings its own database. */
export function publicSchema(lookAhead = true): GraphQLSchema {
  const known = built.get(lookAhead)
  if (known) return known
  const schema = schemaOf(domains, { clientOf, kinds: callerKinds, lookAhead, ground, meterOf })
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()]
  // type-graphql has no option for these descriptions.
  if (query) query.description = asked
  if (mutation) mutation.description = done
  built.set(lookAhead, schema)
  return schema
}
const ground = { once, messages, languageOf: ({ language }: Context) => language }
const clientOf = ({ database }: Context) => database.client
const asked = 'Queries. A field that fails or finds nothing is null; the other fields are not affected.'
const done = 'Mutations run in order. Each is atomic. `userErrors` lists what the caller can correct.'
