import type { IncomingMessage } from 'node:http'
import type { Database } from '../../platform/database.js'
import type { Keyring } from '../../platform/keyring.js'
import type { Timings } from '../../platform/timings.js'
import { anonymous } from '../../shared/context.js'
import { type ProgramFault, programOf } from '../programs/programCaller.js'
import { type TokenFault, tokenReader } from './accessToken.js'
import type { Issuer } from './issuer.js'
import { callerOf, type Recognised, type SignInFault } from './signIn.js'

/** Why an `Authorization` header was rejected. A rejected caller never counts as anonymous. */
export type Disbelief = 'authorization.repeated' | 'authorization.malformed' | TokenFault | SignInFault | ProgramFault

interface Parts {
  issuers: readonly Issuer[]
  database: Database
  keyring: Keyring
  now: () => Date
  timings: Timings
}

/** Node keeps only the first in `headers`. */
export const authorizationsIn = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string[] =>
  rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization')

/** Identifies the caller by the `Authorization` headers and the address of a request; see `callerOf` for `anew`. */
export function authorization({ issuers, timings, ...parts }: Parts) {
  const read = tokenReader(issuers, timings)
  return async (
    [header, ...more]: readonly string[],
    address: string,
    how?: { anew: boolean },
  ): Promise<Recognised | Disbelief> => {
    if (header === undefined) return { caller: anonymous }
    if (more.length > 0) return 'authorization.repeated'
    const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(header) ?? []
    if (token === undefined) return 'authorization.malformed'
    // Tokens of our own have no parts.
    if (!token.includes('.')) {
      const program = await programOf(parts, token, address)
      return typeof program === 'string' ? program : { caller: program }
    }
    const signIn = await read(token)
    return typeof signIn === 'string' ? signIn : await callerOf(parts, signIn, how)
  }
}

/** The text for the client. */
export const disbeliefs: Record<Disbelief, string> = {
  'authorization.repeated': 'Only one header Authorization is allowed. Send one token.',
  'authorization.malformed': 'The header Authorization must be `Bearer <token>`.',
  'token.malformed': 'The token must be a signed JWT, or a token from /oauth/token.',
  'token.unknown_issuer': 'The issuer of the token (`iss`) is not accepted here. Use a token of a configured issuer.',
  'token.wrong_type': 'The token must be an access token (`typ: at+jwt`). Do not send an ID token.',
  'token.wrong_algorithm': 'The signature algorithm of the token is not supported. Its issuer must use another.',
  'token.unknown_key': 'The key of the token (`kid`) is not published by its issuer. Sign in again.',
  'token.wrong_signature': 'The signature of the token is wrong. Sign in again.',
  'token.wrong_audience': 'The token is for another audience (`aud`). Request a token for this API.',
  'token.expired': 'The token has expired. Sign in again.',
  'token.not_yet_valid': 'The token is not valid yet (`nbf` or `iat`). Its issuer must correct the clock.',
  'token.lives_too_long': 'The token is valid for too long. Its issuer must issue shorter ones.',
  'token.incomplete': 'The token lacks a claim that identifies the person. Ask the issuer to add it.',
  'token.subject_not_allowed': 'The issuer of the token may not sign in this kind of subject. Use another issuer.',
  'token.subject_changed': 'The account of the token belonged to another person before. Contact the operator.',
  'token.identifiers_disagree': 'The identifiers in the token belong to different persons. Contact the operator.',
  'token.status_disagrees':
    'The token gives a citizen the status of a foreigner or a stateless person. Contact the operator.',
  'token.operator_is_officer':
    'An operator cannot be an officer of an agency, and this person is one. Sign in with another account.',
  'token.no_appointment':
    'An officer requires an appointment by an agency, and this person has none. Ask the agency to appoint you.',
  'program.unknown_token': 'The token is unknown or has expired. Request a new one at /oauth/token.',
  'program.revoked': 'The program was revoked or has expired. Register it again.',
  'program.wrong_network': 'The program may not be used from this network address. Use a registered network.',
}
