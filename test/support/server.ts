import { ApolloServer } from '@apollo/server'
import { createServer as create } from '../../src/server.js'
import { keyringOfTest } from './keyring.js'
import { as, issuersOfTest } from './tokens.js'

type Parts = Parameters<typeof create>[0]

/**
 * Apollo prints the schema for each server that it makes, which takes longer than all the rest of a start. Here servers have the same
 * schema.
 */
function printSchemasOnce(): void {
  // The cast: the method is private.
  const apollo = ApolloServer as unknown as { generateSchemaDerivedData: (schema: object, store: object) => object }
  const { generateSchemaDerivedData } = apollo
  const known = new WeakMap<object, object>()
  apollo.generateSchemaDerivedData = (schema, documentStore) => {
    const derived = known.get(schema) ?? generateSchemaDerivedData(schema, documentStore)
    known.set(schema, derived)
    return { ...derived, documentStore }
  }
}
printSchemasOnce()

export const asOperator = await as('operator')

const unlimited = { points: Number.POSITIVE_INFINITY, seconds: 60 }
/** Shared by the servers of a file, so that each knows the parties of the others. */
export const keyringOfFile = keyringOfTest()

/** A server that trusts the issuer of the tests, without limits by caller. */
export const createServer = ({
  keyring = keyringOfFile,
  rates = {
    requests: { points: 1_000_000, seconds: 60 },
    refusedSecrets: unlimited,
    commands: unlimited,
    lookUps: unlimited,
    lookUpsOfOne: unlimited,
    lookUpsInAll: unlimited,
  },
  config,
  ...parts
}: Omit<Parts, 'keyring'> & Partial<Parts>) =>
  create({
    keyring,
    rates,
    ...parts,
    config: config.issuers.length > 0 ? config : { ...config, issuers: issuersOfTest },
  })
