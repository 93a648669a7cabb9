import type { IncomingMessage } from 'node:http'
import type { Database } from '../../platform/database.js'
import type { Keyring } from '../../platform/keyring.js'
import type { Timings } from '../../platform/timings.js'
import type { Caller } from '../../shared/context.js'
import { nobody } from '../../shared/context.js'
import { type ProgramFault, programOf } from '../programs/program.js'
import { type TokenFault, tokenReader } from './accessToken.js'
import type { Issuer } from './issuer.js'
import { callerOf, type SignInFault } from './signIn.js'

/** Why a request that says who it comes from is not believed. What cannot be believed is never taken for nobody. */
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

/** Who asks, by all headers `Authorization` of a request and the address it comes from. */
export function authorization({ issuers, timings, ...parts }: Parts) {
  const read = tokenReader(issuers, timings)
  return async ([header, ...more]: readonly string[], address: string): Promise<Caller | Disbelief> => {
    if (header === undefined) return nobody
    if (more.length > 0) return 'authorization.repeated'
    const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(header) ?? []
    if (token === undefined) return 'authorization.malformed'
    // Tokens of our own have no parts.
    if (!token.includes('.')) return await programOf(parts, token, address)
    const signIn = await read(token)
    return typeof signIn === 'string' ? signIn : await callerOf(parts, signIn)
  }
}

/** For whoever sent it. */
export const disbeliefs: Record<Disbelief, string> = {
  'authorization.repeated': 'One header Authorization is allowed; this has more.',
  'authorization.malformed': 'The header Authorization must be `Bearer <token>`; this is not.',
  'token.malformed': 'The token must be a signed JWT, or one from /oauth/token; it is neither.',
  'token.unknown_issuer': 'The token must be of an issuer that this installation knows; its `iss` is none.',
  'token.wrong_type': 'The token must be an access token (`typ: at+jwt`); an ID token is none.',
  'token.wrong_algorithm': 'The token must be signed with a private key, by an algorithm that is taken here.',
  'token.unknown_key': 'The token must be signed by a key that its issuer publishes; its `kid` is none.',
  'token.wrong_signature': 'The signature of the token is not that of its issuer.',
  'token.wrong_audience': 'The token must be for this API; its `aud` is another.',
  'token.expired': 'The token has expired. Sign in anew.',
  'token.not_yet_valid': 'The token is not valid yet.',
  'token.lives_too_long': 'The token lives longer than those of its issuer may.',
  'token.incomplete': 'The token lacks a claim that is needed to know who that is.',
  'token.subject_not_allowed': 'The issuer of the token may not speak for such a subject.',
  'token.subject_changed': 'The account of the token was somebody else before.',
  'token.identifiers_disagree': 'The identifiers in the token are of persons that differ.',
  'token.status_disagrees': 'The token says that a citizen is a foreigner or a stateless person.',
  'token.operator_is_officer': 'An operator is never an officer of an agency; this person is.',
  'token.no_appointment':
    'An officer needs an appointment by an agency; there is none that is active, nor one to accept.',
  'program.unknown_token': 'The token is none of ours, or has expired. Ask for another at /oauth/token.',
  'program.revoked': 'The program was revoked, or has expired.',
  'program.wrong_network': 'The program may not be used from this address.',
}
