import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import { lowerOf } from '../shared/assurance.js'
import { Assurance } from '../shared/assurance.table.js'
import { SubjectKind } from './identity.table.js'
import type { Issuer } from './issuer.js'

/** What a sign-in elsewhere says of who asks, and we believe. */
export interface SignIn {
  issuer: Issuer
  subject: string
  kind: SubjectKind
  fin?: string
  /** Issuing country and number. */
  document?: string
  name?: string
  birthDate?: string
  assurance: Assurance
  signedInAt?: Date
}

/** Why a token is not believed; stands in the answer and in the log. */
export type TokenFault =
  | 'token.malformed'
  | 'token.unknown_issuer'
  | 'token.wrong_type'
  | 'token.wrong_algorithm'
  | 'token.unknown_key'
  | 'token.wrong_signature'
  | 'token.wrong_audience'
  | 'token.expired'
  | 'token.not_yet_valid'
  | 'token.lives_too_long'
  | 'token.incomplete'
  | 'token.subject_not_allowed'

/** The keys of an issuer cannot be had: nobody can be said to be who they say, nor not to be. */
export class IssuerUnavailable extends Error {}

/** No shared secrets, and no `none`. */
const algorithms = ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** Seconds by which clocks may differ. */
const clockTolerance = 5
/** Of RFC 9068. */
const requiredClaims = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']

type Keys = ReturnType<typeof createLocalJWKSet> | ReturnType<typeof createRemoteJWKSet>

/** Keys that are fetched are kept for ten minutes, and fetched anew for a key id that is not among them, once in half a minute at most. */
const keysOf = ({ jwks, jwksUri }: Issuer): Keys =>
  jwks
    ? createLocalJWKSet(jwks as Parameters<typeof createLocalJWKSet>[0])
    : createRemoteJWKSet(new URL(jwksUri as string), { timeoutDuration: 3000, cooldownDuration: 30_000 }) // one of both is there

export function tokenReader(issuers: readonly Issuer[]): (token: string) => Promise<SignIn | TokenFault> {
  const known = new Map(issuers.map((issuer) => [issuer.issuer, { issuer, keys: keysOf(issuer) }]))
  return async (token) => {
    const found = known.get(issuerIn(token) ?? '')
    if (!found) return issuerIn(token) === undefined ? 'token.malformed' : 'token.unknown_issuer'
    const { issuer, keys } = found
    try {
      const { payload } = await jwtVerify(token, keys as ReturnType<typeof createLocalJWKSet>, {
        ...{ issuer: issuer.issuer, audience: issuer.audience, typ: 'at+jwt' },
        ...{ algorithms, clockTolerance, requiredClaims },
      })
      return signInOf(payload, issuer)
    } catch (error) {
      return faultOf(error)
    }
  }
}

/** Undefined where it is no JWT at all. What it says is not believed yet. */
function issuerIn(token: string): string | undefined {
  try {
    return String(decodeJwt(token).iss)
  } catch {
    return undefined
  }
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return 'token.expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'typ') return 'token.wrong_type'
    if (error.claim === 'aud') return error.reason === 'missing' ? 'token.incomplete' : 'token.wrong_audience'
    if (error.claim === 'nbf' || (error.claim === 'iat' && error.reason === 'check_failed'))
      return 'token.not_yet_valid'
    return 'token.incomplete'
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return 'token.wrong_algorithm'
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'token.unknown_key'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token.wrong_signature'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'token.malformed'
  throw new IssuerUnavailable('the keys of an issuer cannot be had', { cause: error })
}

function signInOf(payload: JWTPayload, issuer: Issuer): SignIn | TokenFault {
  const { sub, iat, exp } = payload as Required<JWTPayload> // required above
  const now = Date.now() / 1000
  if (exp - iat > issuer.longestLifetime) return 'token.lives_too_long'
  if (iat > now + clockTolerance) return 'token.not_yet_valid'
  const text = (claim: keyof Issuer['claims']): string | undefined => {
    const value = payload[issuer.claims[claim]]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const kind = text('subjectKind')?.toUpperCase() as SubjectKind | undefined
  if (!kind) return 'token.incomplete'
  if (!issuer.subjects.includes(kind)) return 'token.subject_not_allowed'
  const [country, number] = [text('documentCountry'), text('document')]
  const signIn = {
    ...{ issuer, subject: sub, kind, fin: text('fin'), document: country && number && `${country}:${number}` },
    ...{ name: text('name'), birthDate: text('birthDate'), assurance: assuranceOf(payload, issuer) },
    signedInAt: typeof payload.auth_time === 'number' ? new Date(payload.auth_time * 1000) : undefined,
  }
  const isForeign = kind === SubjectKind.FOREIGNER || kind === SubjectKind.STATELESS
  return signIn.fin || (isForeign && signIn.document) ? signIn : 'token.incomplete'
}

function assuranceOf({ acr }: JWTPayload, { acr: meanings, highestAssurance }: Issuer): Assurance {
  const found = typeof acr === 'string' && Object.hasOwn(meanings, acr) ? meanings[acr] : undefined
  return lowerOf(found ?? Assurance.NONE, highestAssurance)
}
