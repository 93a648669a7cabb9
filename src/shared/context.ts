import type { About } from '../engine/about.js'
import type { Rule } from '../engine/allowedTo.js'
import type { Request } from '../engine/declare.js'
import { refusal } from '../engine/errors.js'
import type { Meter } from '../engine/rates.js'
import { rule } from '../engine/shield.js'
import type { Database } from '../platform/database.js'
import type { Keyring } from '../platform/keyring.js'
import { type Timings, usualTimings } from '../platform/timings.js'
import { higherOf, isAtLeast } from './assurance.js'
import { Assurance } from './assurance.table.js'
import { type Checkout, withoutCheckout } from './checkout.js'
import { type Inquiry, unconnected } from './exchange.js'
import { type Patience, usualPatience } from './patience.js'
import { type SigningKeys, withoutSigningKeys } from './signingKeys.js'
import { legalDate } from './time.js'
import { type Trust, withoutTrust } from './trust.js'
import { type UploadLimits, uploadLimits } from './uploadLimits.js'
import type { Language } from './words.js'

/** What a program may be allowed to do, at most as much as its organisation. This closed list grows with the API. */
export const programScopes = [
  'catalogue:read',
  'applications:read',
  'filings:read',
  'filings:write',
  'payments:read',
  'payments:write',
  'documents:read',
  'documents:write',
  'visas:read',
  'mandates:read',
  'registries:read',
] as const
/** What a program of an agency may be allowed to do. */
export const agencyProgramScopes = [
  'cases:read',
  'cases:start',
  'cases:decide',
  'charges:read',
  'charges:raise',
  'filings:handle',
] as const
export const allProgramScopes = [...programScopes, ...agencyProgramScopes] as const
export type ProgramScope = (typeof allProgramScopes)[number]

/** A caller's office at an agency, at the time of the request. A program of an agency has one without roles. */
export interface Office {
  agencyId: string
  agency: string
  roles: readonly string[]
}

/** The variant of callers who hold no mandate, of whatever validity, that is not revoked. */
export const withoutMandates = 'WITHOUT_MANDATES'

/** Common to all callers. */
interface Asker {
  /**
   * Recorded in events and with idempotency keys: `person:<party>`, `program:<program>`, `agency_program:<program>`, …; never
   * a name.
   */
  readonly id: string
  /** The assurance level. For a program, it depends on how safely its key or secret is kept. */
  readonly assurance: Assurance
  /** Whether the account ever had SUBSTANTIAL or higher; registries know nothing of it otherwise. */
  readonly hadSubstantial?: boolean
  /** When the person last signed in (`auth_time`). Unknown if the issuer does not send it. */
  readonly signedInAt?: Date
  /** Where a person signs in, and can get more assurance. */
  readonly signInAt?: string
  /**
   * Only officers and programs of agencies have any. Until an officer accepts an appointment, the list is empty and
   * acceptance is all they may do.
   */
  readonly offices: readonly Office[]
  /** Set for a person or program whose party holds no mandate: their scopes are shorter. Read anew for each request. */
  readonly variant?: typeof withoutMandates
  /** For programs. */
  readonly program?: { readonly id: string; readonly name: string; readonly scopes: ReadonlySet<string> }
}
interface Anonymous extends Asker {
  readonly kind: 'ANONYMOUS'
  readonly party?: undefined
}
interface SignedIn<Kind extends string> extends Asker {
  readonly kind: Kind
  /** The caller's own party. */
  readonly party: string
}
interface ProgramCaller extends Asker {
  readonly kind: 'PROGRAM'
  /** The program's organisation. */
  readonly party: string
  readonly program: NonNullable<Asker['program']>
}

interface AgencyProgramCaller extends Asker {
  readonly kind: 'AGENCY_PROGRAM'
  readonly party?: undefined
  readonly program: NonNullable<Asker['program']>
}

/** The installation itself, in a job. It sends no request: no rule allows it, and no noun has a scope for it. */
interface System extends Asker {
  readonly kind: 'SYSTEM'
  readonly party?: undefined
}

/** The caller. The rules below and the scope of each noun decide what each kind may do. A new kind is a new member. */
export type Caller =
  | Anonymous
  | SignedIn<'PERSON'>
  | ProgramCaller
  | AgencyProgramCaller
  | SignedIn<'OFFICER'>
  | SignedIn<'OPERATOR'>
  | SignedIn<'AUDITOR'>
  | System
/** The kinds of callers that send requests. */
export type CallerKind = Exclude<Caller, System>['kind']
const kinds: Record<CallerKind, true> = {
  ANONYMOUS: true,
  PERSON: true,
  PROGRAM: true,
  AGENCY_PROGRAM: true,
  OFFICER: true,
  OPERATOR: true,
  AUDITOR: true,
}
export const callerKinds = Object.keys(kinds) as CallerKind[] // its keys are these

type ActingForParties = Extract<Caller, { kind: 'PERSON' | 'PROGRAM' }>
/** Whether the caller acts for a party, their own or another's. Officers and operators do not. */
export const actsForParties = (caller: Caller): caller is ActingForParties =>
  caller.kind === 'PERSON' || caller.kind === 'PROGRAM'

export const anonymous: Caller = {
  kind: 'ANONYMOUS',
  id: 'anonymous',
  assurance: Assurance.NONE,
  offices: [],
}

export const isProgram = ({ kind }: Caller): boolean => kind === 'PROGRAM' || kind === 'AGENCY_PROGRAM'
/** Whether the caller acts for an agency, which has the officer's purpose and legal ground. */
export const actsForAgency = ({ kind }: Caller): boolean => kind === 'OFFICER' || kind === 'AGENCY_PROGRAM'

/** The caller's own party; for a program its organisation. Throws UNAUTHENTICATED for a caller without one. */
export function ownPartyOf({ party }: Caller): string {
  if (party === undefined) throw unknownCaller()
  return party
}

/** True for anyone but a program without this permission. */
export const hasScope = ({ program }: Caller, scope: ProgramScope): boolean => !program || program.scopes.has(scope)
export function refuseWithoutScope(caller: Caller, scope: ProgramScope): void {
  if (!hasScope(caller, scope)) throw refusal('FORBIDDEN', `This requires a token with the scope ${scope}.`, { scope })
}

/** What was read about a signed-in caller. */
export interface Premise {
  /** Hashes of the account. */
  readonly subjects: readonly string[]
  /** The agencies for which the issuer signs in officers. Null if all. */
  readonly agencies: readonly string[] | null
  readonly facts: string
  /** Whether this request has read it. Otherwise its statement checks it, or it is read before anything else. */
  readonly isRead: boolean
}

/** What resolvers, rules and statements may know of a request. */
export interface Context extends Request {
  readonly caller: Caller
  readonly premise?: Premise | undefined
  readonly language: Language
  /** For hand-written resolvers; declared fields never use it. */
  readonly database: Database
  readonly keyring: Keyring
  readonly exchange: Inquiry
  /** The providers of payments. */
  readonly checkout: Checkout
  /** Signs receipts. */
  readonly signingKeys: SigningKeys
  readonly uploadLimits: UploadLimits
  readonly patience: Patience
  readonly timings: Timings
  /** Decides which signatures are trusted. */
  readonly trust: Trust
  readonly meter: Meter
  /** Where callers reach this API: scheme, host and port. */
  readonly origin: string
  now(): Date
  /** The legal date of this request, in Asia/Baku. */
  readonly today: string
}
interface ContextParts {
  caller: Caller
  premise?: Premise | undefined
  language: Language
  database: Database
  keyring: Keyring
  exchange?: Inquiry
  checkout?: Checkout
  signingKeys?: SigningKeys
  uploadLimits?: UploadLimits
  patience?: Patience
  timings?: Timings
  trust?: Trust
  meter: Meter
  origin?: string
  now: () => Date
  /** Maximum duration of the request in milliseconds. */
  timeout: number
  about?: About
}
/** Named one by one: spreading them costs more, and each request makes one. */
export const contextOf = ({
  caller,
  premise,
  language,
  database,
  keyring,
  exchange = unconnected,
  checkout = withoutCheckout,
  signingKeys = withoutSigningKeys,
  uploadLimits: limits = uploadLimits,
  patience = usualPatience,
  timings = usualTimings,
  trust = withoutTrust,
  meter,
  origin = 'http://localhost',
  now,
  timeout,
  about = {},
}: ContextParts): Context => ({
  caller,
  premise,
  language,
  database,
  keyring,
  exchange,
  checkout,
  signingKeys,
  uploadLimits: limits,
  patience,
  timings,
  trust,
  meter,
  origin,
  now,
  deadline: Date.now() + timeout, // by the machine's clock: a sandbox may move `now`
  today: legalDate(now()),
  about,
})

/** The key under which this request counts for limits. */
export const meterOf = ({ meter }: Context): Meter => meter

const asRule = (name: string, ask: (caller: Caller) => true | Error) =>
  rule(name, { cache: 'contextual' })((_parent, _args, context: Context) => ask(context.caller))

/** For an anonymous caller where a known one is required. */
export const unknownCaller = () =>
  refusal('UNAUTHENTICATED', 'This requires a signed-in caller. Send the header `Authorization: Bearer <token>`.')

export interface StepUp {
  assurance?: Assurance
  /** Maximum age of the sign-in in seconds. */
  within?: number
}
/** The missing assurance; the caller may sign in again and retry. */
export function stepUp({ assurance = Assurance.NONE, within }: StepUp, caller: Caller, now: Date): true | Error {
  const age = caller.signedInAt ? (now.getTime() - caller.signedInAt.getTime()) / 1000 : Number.POSITIVE_INFINITY
  const isSure = isAtLeast(caller.assurance, assurance)
  const isFresh = within === undefined || age <= within
  if (isSure && isFresh) return true
  const wanted = [
    ...(isSure ? [] : [`with assurance ${assurance}, not ${caller.assurance}`]),
    ...(isFresh ? [] : [`within the last ${within} seconds`]),
  ]
  return refusal('STEP_UP_REQUIRED', `Sign in ${wanted.join(' and ')}, then repeat the request.`, {
    assurance,
    maxAge: within ?? null,
    signInAt: caller.signInAt ?? null,
  })
}

/**
 * The assurance needed for personal data or to act in a case: the service's level, and SUBSTANTIAL once the caller had
 * it. No registry has filled in anything for an account that never had it.
 */
export const assuranceFor = ({ hadSubstantial }: Caller, asked = Assurance.NONE): Assurance =>
  hadSubstantial ? higherOf(asked, Assurance.SUBSTANTIAL) : asked

/** Throws STEP_UP_REQUIRED if the caller's assurance is lower. Never for a program. */
export const assuranceErrorOf = (caller: Caller, asked?: Assurance): Error | undefined => {
  const verdict = isProgram(caller) || stepUp({ assurance: assuranceFor(caller, asked) }, caller, new Date())
  return verdict === true ? undefined : verdict
}
export function requireAssurance(caller: Caller, asked?: Assurance): void {
  const doubt = assuranceErrorOf(caller, asked)
  if (doubt) throw doubt
}

/**
 * Allows some kinds of callers, optionally restricted further, and optionally only with enough assurance or a recent
 * sign-in.
 */
export const only = (
  name: string,
  whose: string,
  kinds: readonly CallerKind[],
  wanted: StepUp | ((caller: Caller) => StepUp) = {},
  isMeant: (caller: Caller) => boolean = () => true,
): Rule =>
  asRule(name, (caller) => {
    if (caller.kind === 'ANONYMOUS') return unknownCaller()
    if (caller.kind === 'SYSTEM' || !kinds.includes(caller.kind) || !isMeant(caller))
      return refusal('FORBIDDEN', `Only ${whose} may do this.`)
    // By the real clock, which issuers use: a sandbox may move `now`.
    const asked = typeof wanted === 'function' ? wanted(caller) : wanted
    return isProgram(caller) ? true : stepUp(asked, caller, new Date())
  })

/** Whoever acts for an agency by program may use only what names that kind. */
const signedInKinds = callerKinds.filter((kind) => kind !== 'ANONYMOUS' && kind !== 'AGENCY_PROGRAM')
/** Allows every known caller, except programs of agencies. */
export const signedIn = only('signedIn', 'signed-in callers', signedInKinds)
/** Allows every known caller, except programs of agencies. A program of an organisation requires the scope. */
export const signedInWith = (scope: ProgramScope, wanted?: (caller: Caller) => StepUp) =>
  only(
    `signedInWith(${scope})`,
    `signed-in callers, and programs with the scope ${scope}`,
    signedInKinds,
    wanted,
    (caller) => hasScope(caller, scope),
  )
/** Allows every known caller. A program of an organisation requires the first scope, one of an agency the second. */
export const signedInWithEither = (scope: ProgramScope, ofAgency: ProgramScope) =>
  only(
    `signedInWithEither(${scope}, ${ofAgency})`,
    `signed-in callers, and programs with the scope ${scope} or ${ofAgency}`,
    callerKinds.filter((kind) => kind !== 'ANONYMOUS'),
    {},
    (caller) => hasScope(caller, caller.kind === 'AGENCY_PROGRAM' ? ofAgency : scope),
  )
/** The caller's highest assurance so far, up to SUBSTANTIAL. */
export const highestAssuranceSoFar = (caller: Caller): StepUp => ({ assurance: assuranceFor(caller) })
/**
 * Allows every caller with their highest assurance so far, up to SUBSTANTIAL. The scope decides whose rows they see.
 */
export const seesPersonal = asRule('seesPersonal', (caller) => assuranceErrorOf(caller) ?? true)
/** Allows persons, programs with payments:write, and callers who did not sign in: the command checks what they know. */
export const payers = asRule('payers', (caller) => {
  if (caller.kind === 'ANONYMOUS') return true
  if (actsForParties(caller) && hasScope(caller, 'payments:write')) return true
  return refusal('FORBIDDEN', 'Only persons, programs with the scope payments:write and anonymous callers may do this.')
})
/** Allows persons, for themselves and the parties they represent; not their programs. */
export const person = only('person', 'persons', ['PERSON'])
/** Allows the operator with assurance HIGH. */
export const operator = only('operator', 'the operator', ['OPERATOR'], { assurance: Assurance.HIGH })
