import { createServer as create } from '../../src/server.js'
import { keyringOfTest } from './keyring.js'
import { as, issuersOfTest } from './tokens.js'

type Parts = Parameters<typeof create>[0]

export const asOperator = await as('operator')

const room = { points: 1_000_000, seconds: 60 }
/** Of one file: who was met by one server is known to the next. */
export const keyringOfFile = keyringOfTest()

/** The HTTP face, which believes the issuer of the tests, and without limits that a test would run into. */
export const createServer = ({
  keyring = keyringOfFile,
  rates = { requests: room, refusedSecrets: room, commands: room },
  config,
  ...parts
}: Omit<Parts, 'keyring'> & Partial<Parts>) =>
  create({
    ...{ keyring, rates, ...parts },
    config: config.issuers.length > 0 ? config : { ...config, issuers: issuersOfTest },
  })
