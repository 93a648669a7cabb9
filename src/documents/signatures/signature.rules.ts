import { X509Certificate } from 'node:crypto'
import { compactVerify, errors } from 'jose'
import { z } from 'zod'
import type { Disbelieved, SignatureType } from '../../shared/trust.js'
import { isStrong } from './keyStrength.js'

export const signatureType: SignatureType = 'pencere-application+jose'
export const filingSignatureType: SignatureType = 'pencere-filing+jose'

/** Algorithms with their kind of key. `none` and symmetric algorithms are excluded. */
const keyKinds = { ES256: 'prime256v1', ES384: 'secp384r1', RS256: 'rsa', PS256: 'rsa' } as const
type Algorithm = keyof typeof keyKinds
export const algorithms = Object.keys(keyKinds) as Algorithm[] // its own

/** Limits in characters, of the whole signature and of a certificate. */
const longest = 65_536
const longestCertificate = 8_192
const maxCertificates = 5

// No other header: keys from `jwk`, `jku` or `x5u` are never used, and no `crit` extension is supported.
const header = z.strictObject({
  alg: z.enum(algorithms),
  typ: z.enum([signatureType, filingSignatureType]),
  x5c: z.array(z.base64().max(longestCertificate)).min(1).max(maxCertificates),
})

/** The signer's certificate first, each issued by the next. */
export type Chain = [X509Certificate, ...X509Certificate[]]
/** A detached JWS (RFC 7515, appendix F), not verified yet. */
export interface ReadSignature {
  chain: Chain
  isOver(payload: string): Promise<boolean>
  withPayload(payload: string): string
}

const unreadable = (why: string): Disbelieved => ({ refused: 'unreadable', why })

export function readSignature(
  text: string,
  type: SignatureType,
  chainOf: (x5c: readonly string[]) => Chain | Disbelieved = readChain,
): ReadSignature | Disbelieved {
  if (text.length > longest) return unreadable('too_long')
  const [, protectedPart = '', signature = ''] = /^([\w-]+)\.\.([\w-]*)$/.exec(text) ?? []
  // Canonical encoding only. Otherwise one signature could be written in many ways.
  if (!isWhole(protectedPart) || !isWhole(signature)) return unreadable('form')
  const parsed = jsonOf(protectedPart)
  const algorithm = parsed?.alg
  if (typeof algorithm === 'string' && !algorithms.some((known) => known === algorithm))
    return { refused: 'algorithm', why: 'not_taken' }
  const { success, data } = header.safeParse(parsed)
  if (!success || data.typ !== type) return unreadable('header')
  const chain = chainOf(data.x5c)
  if ('refused' in chain) return chain
  const { publicKey } = chain[0]
  if (kindOf(publicKey) !== keyKinds[data.alg]) return { refused: 'algorithm', why: 'other_key' }
  const withPayload = (payload: string) =>
    [protectedPart, Buffer.from(payload).toString('base64url'), signature].join('.')
  return {
    chain,
    withPayload,
    async isOver(payload) {
      try {
        await compactVerify(withPayload(payload), publicKey, { algorithms: [data.alg] })
        return true
      } catch (error) {
        if (error instanceof errors.JOSEError) return false // the signature is wrong
        throw error
      }
    },
  }
}

const isWhole = (part: string) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined // seen to be one
  } catch {
    return undefined
  }
}

/** The certificates of a header, with keys that may be used. */
export function readChain(x5c: readonly string[]): Chain | Disbelieved {
  const chain = chainIn(x5c)
  return chain ? (weakIn(chain) ?? chain) : unreadable('certificate')
}

function chainIn(x5c: readonly string[]): Chain | undefined {
  try {
    const chain = x5c.map((text) => new X509Certificate(Buffer.from(text, 'base64')))
    // DER without PEM or other bytes around it.
    const isDer = chain.every(({ raw }, at) => raw.toString('base64') === x5c[at])
    return isDer ? (chain as Chain) : undefined // there is one
  } catch {
    return undefined
  }
}

/** Checked before any of these keys is used. */
function weakIn(chain: Chain): Disbelieved | undefined {
  try {
    if (chain.every(({ publicKey }) => isStrong(publicKey))) return undefined
  } catch {
    // An unknown kind of key.
  }
  return { refused: 'algorithm', why: 'weak_key' }
}

const kindOf = ({ asymmetricKeyType, asymmetricKeyDetails }: X509Certificate['publicKey']) =>
  asymmetricKeyType === 'ec' ? asymmetricKeyDetails?.namedCurve : asymmetricKeyType
