import { createServer as create } from '../../src/server.js'
import { keyringOfTest } from './keyring.js'

type Parts = Parameters<typeof create>[0]

/** The HTTP face, with keys of its own where none are given. */
export const createServer = ({ keyring = keyringOfTest(), ...parts }: Omit<Parts, 'keyring'> & Partial<Parts>) =>
  create({ keyring, ...parts })
