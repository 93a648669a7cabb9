import { createServer as create } from '../../src/server.js'
import { keyringOfTest } from './keyring.js'
import { as, issuersOfTest } from './tokens.js'

type Parts = Parameters<typeof create>[0]

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
