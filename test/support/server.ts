import { createServer as create } from '../../src/server.js'
import { keyringOfTest } from './keyring.js'

type Parts = Parameters<typeof create>[0]

/** Whoever sends it is the operator of a test's server. */
export const operatorKey = 'the key of the operator in a test'.replaceAll(' ', '-')
export const asOperator = { authorization: `Bearer ${operatorKey}` }

const room = { points: 1_000_000, seconds: 60 }

/** The HTTP face, with keys of its own where none are given, and without limits that a test would run into. */
export const createServer = ({
  keyring = keyringOfTest(),
  rates = { requests: room, refusedKeys: room, commands: room },
  ...parts
}: Omit<Parts, 'keyring' | 'operatorKey'> & Partial<Parts>) => create({ keyring, operatorKey, rates, ...parts })
