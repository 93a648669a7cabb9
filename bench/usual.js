// The same schema on the same libraries as usually combined: Express, Apollo's middleware for it, drizzle queries where
// needed, a DataLoader for each relation, shield and one more middleware over all fields.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import util from 'node:util'
import { ApolloServer } from '@apollo/server'
import { expressMiddleware } from '@as-integrations/express5'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { drizzle } from 'drizzle-orm/postgres-js'
import express from 'express'
import postgres from 'postgres'
import { verified } from './callers.js'
import { findPartyOf, loadersOf, resolvers } from './usual.resolvers.js'

util.isUndefined ??= (value) => value === undefined // shield reads it from there when it loads, and Node 23 removed it
const require = createRequire(import.meta.url)
const { allow, rule, shield } = require('graphql-shield')
const { applyMiddleware } = require('graphql-middleware') // the same module format: shield marks its generator for it

const db = drizzle(postgres(process.env.DATABASE_URL, { max: 10, onnotice() {} }))
const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8')

const slow = 10_000
async function logSlow(resolve, parent, args, context, info) {
  const start = performance.now()
  try {
    return await resolve(parent, args, context, info)
  } finally {
    const took = performance.now() - start
    if (took > slow) console.warn(`${info.parentType.name}.${info.fieldName} took ${took.toFixed(0)} ms`)
  }
}
const isSignedIn = rule({ cache: 'contextual' })((_parent, _args, { party }) => party !== undefined)
const permissions = shield(
  {
    Query: { '*': allow, applications: isSignedIn },
    Application: isSignedIn,
    Service: allow,
    ServiceHit: allow,
    ServiceVersion: allow,
    Fee: allow,
    Agency: allow,
  },
  { fallbackRule: allow, allowExternalErrors: true },
)

const schema = applyMiddleware(makeExecutableSchema({ typeDefs, resolvers }), logSlow, permissions)
const server = new ApolloServer({ schema })
await server.start()
const app = express()
const partyOf = async (authorization) => authorization && findPartyOf(db, (await verified(authorization)).subject)
const context = async ({ req }) => ({
  db,
  party: await partyOf(req.headers.authorization),
  language: req.acceptsLanguages('az', 'en', 'ru') || 'az',
  loaders: loadersOf(db),
})
app.use('/graphql', express.json(), expressMiddleware(server, { context }))
app.listen(Number(process.env.PORT), '127.0.0.1')
