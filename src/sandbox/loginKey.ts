import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Config } from '../config.js'
import { secretIn } from '../platform/secretFile.js'

/** A private key by RFC 7517. */
export interface LoginKey {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
  d: string
  kid: string
  alg: 'ES256'
  use: 'sig'
}

function freshKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const named = { kid: `login-${randomBytes(4).toString('hex')}`, alg: 'ES256', use: 'sig' }
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...named })
}

/** The key of the sandbox login. A production never trusts it. */
export const loginKeyOf = ({ dataDir }: Pick<Config, 'dataDir'>): LoginKey =>
  JSON.parse(secretIn(dataDir, 'login-key.json', freshKey))
