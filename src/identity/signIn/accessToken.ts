import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache'
import { decodeJwt, errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose'
import { usualTimings } from '../../platform/timings.js'
import { lowerOf } from '../../shared/assurance.js'
import { Assurance } from '../../shared/assurance.table.js'
import { readDocument } from '../../shared/identifiers/document.js'
import { readFin } from '../../shared/identifiers/fin.js'
import type { Read } from '../../shared/identifiers/reading.js'
import { IdentifierType } from '../parties/identifier.table.js'
import type { Identifier } from '../parties/identifiers.js'
import { SubjectKind } from '../parties/identity.table.js'
import type { Issuer } from './issuer.js'
import { type KeyOf, keysOfIssuer } from './issuerKeys.js'

/** Claims of a verified sign-in. */
export interface SignIn {
  issuer: Issuer
  subject: string
  kind: SubjectKind
  /** At least one. */
  identifiers: readonly Identifier[]
  name?: string
  birthDate?: string
  assurance: Assurance
  signedInAt?: Date
}

/** Why a token was rejected. Returned to the client and logged. */
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

/** No shared secrets, and no `none`. */
const algorithms = ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** Allowed clock difference in seconds. */
const clockTolerance = 5
/** As in RFC 9068. */
const requiredClaims = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']

/** A token with a valid signature, and its key. */
interface Verified {
  keyOf: KeyOf
  header: JWTHeaderParameters
  key: unknown
  payload: JWTPayload
  signIn: SignIn | TokenFault
}
const usuallyKept = { max: 10_000, maxSize: 16 * 2 ** 20 }
/** An estimate: the token, its claims, and the objects around them. */
const bytesOf = (token: string) => 3 * token.length

/**
 * Reads tokens. Verifies a signature again only after the token was dropped, or its issuer's keys were fetched again. Until
 * then, a token gives the same object.
 */
export function tokenReader(
  issuers: readonly Issuer[],
  timings = usualTimings,
  kept = usuallyKept,
): (token: string) => Promise<SignIn | TokenFault> {
  const known = new Map(issuers.map((issuer) => [issuer.issuer, { issuer, keyOf: keysOfIssuer(issuer, timings) }]))
  const verified = new InMemoryLRUCache<Verified>({ ...kept, sizeCalculation: (_verified, token) => bytesOf(token) })

  async function verify(token: string): Promise<SignIn | TokenFault> {
    const found = known.get(issuerIn(token) ?? '')
    if (!found) return issuerIn(token) === undefined ? 'token.malformed' : 'token.unknown_issuer'
    const { issuer, keyOf } = found
    const { payload, protectedHeader, key } = await jwtVerify(token, keyOf, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      typ: 'at+jwt',
      algorithms,
      clockTolerance,
      requiredClaims,
    })
    const signIn = signInOf(payload, issuer)
    await verified.set(token, { keyOf, header: protectedHeader, key, payload, signIn })
    return outOfTime(payload) ?? signIn
  }
  return async (token) => {
    try {
      const before = await verified.get(token)
      const isPublished = before && (await before.keyOf(before.header)) === before.key
      if (!isPublished) return await verify(token)
      return outOfTime(before.payload) ?? before.signIn
    } catch (error) {
      return faultOf(error)
    }
  }
}

/** Undefined if it is not a JWT. The claims are not verified yet. */
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
  throw error
}

/** Asked at each use. */
function outOfTime(payload: JWTPayload): TokenFault | undefined {
  const { exp, iat, nbf = iat } = payload as Required<JWTPayload> // required above
  const now = Date.now() / 1000
  if (exp <= now - clockTolerance) return 'token.expired'
  return Math.max(iat, nbf) > now + clockTolerance ? 'token.not_yet_valid' : undefined
}

function signInOf(payload: JWTPayload, issuer: Issuer): SignIn | TokenFault {
  const { sub, iat, exp, auth_time: signedIn } = payload as Required<JWTPayload> // required above
  const now = Date.now() / 1000
  if (exp - iat > issuer.longestLifetime) return 'token.lives_too_long'
  // With an empty subject, all people of an issuer would share one account.
  if (typeof sub !== 'string' || sub.trim() === '' || sub.length > 255) return 'token.incomplete'
  const text = (claim: keyof Issuer['claims']): string | undefined => {
    const value = payload[issuer.claims[claim]]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const kind = text('subjectKind')?.toUpperCase() as SubjectKind | undefined
  if (!kind) return 'token.incomplete'
  if (!issuer.subjects.includes(kind)) return 'token.subject_not_allowed'
  const vouchesFor = (type: Issuer['identifiers'][number]) => issuer.identifiers.includes(type)
  const isForeign = kind === SubjectKind.FOREIGNER || kind === SubjectKind.STATELESS
  const identifiers = identifiersOf({
    fin: vouchesFor('FIN') ? text('fin') : undefined,
    document: isForeign && vouchesFor('DOCUMENT') ? [text('documentCountry'), text('document')] : [],
  })
  if (!identifiers?.length) return 'token.incomplete'
  // A time in the future is ignored, such as one in milliseconds: it would count as recent forever.
  const isMoment = typeof signedIn === 'number' && signedIn >= 0 && signedIn <= now + clockTolerance
  return {
    issuer,
    subject: sub,
    kind,
    identifiers,
    name: text('name'),
    birthDate: dateIn(text('birthDate')),
    assurance: assuranceOf(payload, issuer),
    signedInAt: isMoment ? new Date(signedIn * 1000) : undefined,
  }
}

interface Claims {
  fin: string | undefined
  /** Country and number. */
  document: (string | undefined)[]
}
/** Undefined if an identifier is invalid. */
function identifiersOf({ fin, document: [country, number] }: Claims): Identifier[] | undefined {
  const read: [IdentifierType, Read][] = [
    ...(fin ? ([[IdentifierType.FIN, readFin(fin)]] as [IdentifierType, Read][]) : []),
    ...(country && number
      ? ([[IdentifierType.DOCUMENT, readDocument(country, number)]] as [IdentifierType, Read][])
      : []),
  ]
  const identifiers = read.flatMap(([type, found]) => ('value' in found ? [{ type, value: found.value }] : []))
  return identifiers.length === read.length ? identifiers : undefined
}

/** OpenID Connect allows a birth date with the year only, or without it. Both are ignored. */
function dateIn(text: string | undefined): string | undefined {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const date = new Date(`${text}T00:00:00Z`)
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
  return isDay && text >= '1800-01-01' && date.getTime() <= Date.now() ? text : undefined
}

function assuranceOf({ acr }: JWTPayload, { acr: meanings, highestAssurance }: Issuer): Assurance {
  const found = typeof acr === 'string' && Object.hasOwn(meanings, acr) ? meanings[acr] : undefined
  return lowerOf(found ?? Assurance.NONE, highestAssurance)
}
