import type { Request } from '../engine/declare.js'
import { refusal } from '../engine/errors.js'
import type { Rule } from '../engine/guard.js'
import type { Meter } from '../engine/rates.js'
import { allow, rule } from '../engine/shield.js'
import type { Database } from './database.js'
import type { Keyring } from './keyring.js'
import { legalDate } from './time.js'
import type { Language } from './words.js'

/** Who asks. The kinds that scopes tell apart; more are found out by identity. */
export const callerKinds = ['NOBODY', 'OPERATOR'] as const
export interface Caller {
  readonly kind: (typeof callerKinds)[number]
  /** Stands in events and with the keys of commands. */
  readonly id: string
}
export const nobody: Caller = { kind: 'NOBODY', id: 'nobody' }

/** What a resolver, a rule and a statement may know of a request. */
export interface Context extends Request {
  readonly caller: Caller
  readonly language: Language
  /** For resolvers by hand; what is declared never asks for it. */
  readonly database: Database
  readonly keyring: Keyring
  readonly meter: Meter
  now(): Date
  /** The legal date of this request, in Asia/Baku. */
  readonly today: string
}
interface Asking {
  caller: Caller
  language: Language
  database: Database
  keyring: Keyring
  meter: Meter
  now: () => Date
  /** Milliseconds that the request may take. */
  timeout: number
}
export const contextOf = ({ caller, language, database, keyring, meter, now, timeout }: Asking): Context => ({
  ...{ caller, language, database, keyring, meter, now },
  deadline: Date.now() + timeout, // of the machine's clock: `now` may be a sandbox's own
  today: legalDate(now()),
})

/** Who counts what this request asks and does. */
export const meterOf = ({ meter }: Context): Meter => meter

/** Open to all, signed in or not. */
export const anyone = allow as unknown as Rule // shield's own type keeps private what the guard must see

/** Open to the operator alone. */
export const operator = rule('operator', { cache: 'contextual' })((_parent, _args, { caller: { kind } }: Context) => {
  if (kind === 'OPERATOR') return true
  if (kind === 'NOBODY')
    return refusal('UNAUTHENTICATED', "This is the operator's. Send their key: `Authorization: Bearer <key>`.")
  return refusal('FORBIDDEN', "This is the operator's alone.")
}) as unknown as Rule // as above
