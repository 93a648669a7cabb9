import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { assertionAlgorithms } from './assertion.rules.js'

export type PublicKey = JsonWebKey & { kid: string }
export type KeyFault = 'private' | 'kid' | 'kind' | 'weak' | 'unreadable'

/** Private members of all key types. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
/** Members that are stored. Links (`x5u`, `jku`) are not. */
const keptMembers = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'] as const
/** A curve has one algorithm. An RSA key works with each of its own. */
const algorithms: Record<string, readonly string[]> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
  RSA: assertionAlgorithms.filter((name) => name.startsWith('PS')),
}
const leastModulus = 2048
const maxModulus = 8192
const leastExponent = 65_537n
const longestKid = 100

/** The public key as it is stored, or its fault. */
export function readPublicKey(given: unknown): { key: PublicKey } | { fault: KeyFault } {
  if (typeof given !== 'object' || given === null) return { fault: 'unreadable' }
  const jwk = given as Record<string, unknown>
  if (privateMembers.some((member) => jwk[member] !== undefined)) return { fault: 'private' }
  if (typeof jwk.kid !== 'string' || jwk.kid.trim() === '' || jwk.kid.length > longestKid) return { fault: 'kid' }
  if (!isForSigning(jwk)) return { fault: 'kind' }
  const key = parsed(jwk)
  if (!key) return { fault: 'unreadable' }
  if (isWeak(key)) return { fault: 'weak' }
  return {
    key: Object.fromEntries(
      keptMembers.filter((member) => member in jwk).map((member) => [member, jwk[member]]),
    ) as PublicKey,
  }
}

function isForSigning({ kty, crv, alg, use }: Record<string, unknown>): boolean {
  const taken = algorithms[String(kty === 'RSA' ? kty : crv)]
  const isOfKind = kty === 'RSA' || kty === (crv === 'Ed25519' ? 'OKP' : 'EC')
  if (!taken || !isOfKind) return false
  return (alg === undefined || taken.includes(String(alg))) && (use === undefined || use === 'sig')
}

function parsed(jwk: Record<string, unknown>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
  } catch {
    return undefined // it names a kind, and is no key of it
  }
}

function isWeak({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (asymmetricKeyType !== 'rsa') return false
  const { modulusLength = 0, publicExponent = 0n } = details ?? {}
  return modulusLength < leastModulus || modulusLength > maxModulus || publicExponent < leastExponent
}
