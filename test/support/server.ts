import { createServer as create } from '../../src/server.js'
import { keyringOfTest } from './keyring.js'
import { as, issuersOfTest } from './tokens.js'

type Parts = Parameters<typeof create>[0]

export const asOperator = await as('operator')

const room = { points: 1_000_000, seconds: 60 }
/** Shared by the servers of a file, so that each knows the parties of the others. */
export const keyringOfFile = keyringOfTest()

/** A server that trusts the issuer of the tests, with rate limits that no test reaches by accident. */
export const createServer = ({
  keyring = keyringOfFile,
  rates = {
    requests: room,
    refusedSecrets: room,
    commands: room,
    lookUps: room,
    lookUpsOfOne: room,
    lookUpsInAll: room,
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
