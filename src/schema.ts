import 'reflect-metadata'
import type { GraphQLSchema } from 'graphql'
import type { Sql } from 'postgres'
import { domains } from './domains.js'
import { schemaOf } from './engine/engine.js'
import { callerKinds } from './shared/context.js'

/** The public schema, bound to a database and guarded. */
export const buildSchema = (client: Sql, lookAhead = true): GraphQLSchema =>
  schemaOf(domains, { client, kinds: callerKinds, lookAhead })
