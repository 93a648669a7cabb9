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
const asked = 'What can be asked. Each field is null when it fails or finds nothing, and takes nothing else with it.'
const done =
  'What can be done. Those of one operation are done one after another, each wholly or not at all. What the caller can ' +
  'mend is told in `userErrors`.'
