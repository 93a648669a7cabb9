import type { Rule } from '../engine/allowedTo.js'
import type { Request } from '../engine/declare.js'
import { refusal } from '../engine/errors.js'
import type { Meter } from '../engine/rates.js'
import { rule } from '../engine/shield.js'
import type { Database } from '../platform/database.js'
import type { Keyring } from '../platform/keyring.js'
import { higherOf, isAtLeast } from './assurance.js'
import { Assurance } from './assurance.table.js'
import { type Exchange, unconnected } from './exchange.js'
import { type Patience, usualPatience } from './patience.js'
import { type SigningKeys, withoutSigningKeys } from './signingKeys.js'
import { legalDate } from './time.js'
import { type Trust, withoutTrust } from './trust.js'
import { type UploadLimits, uploadLimits } from './uploadLimits.js'
import type { Language } from './words.js'

/** What a program may be let do, at most as much as its organisation. A closed list: it grows with the API. */
export const programScopes = [
  'catalogue:read',
  'applications:read',
  'filings:write',
  'payments:read',
  'payments:write',
  'documents:read',
  'documents:write',
  'visas:read',
  'mandates:read',
  'registries:read',
] as const
export type ProgramScope = (typeof programScopes)[number]

/** What somebody is at an agency, at the moment of the request. */
export interface Office {
  agencyId: string
  agency: string
  roles: readonly string[]
}

/** What all who ask have in common. */
interface Asker {
  /** Stands in events and with the keys of commands: `person:<party>`, `program:<client>`, …; never a name. */
  readonly id: string
  /** How surely it is known who asks. Of a program it is as sure as its key or secret is kept. */
  readonly assurance: Assurance
  /** Whether the account was ever known SUBSTANTIAL or more surely, without which registries know nothing of it. */
  readonly wasSure?: boolean
  /** When the person last showed who they are (`auth_time`); unknown where the issuer does not say. */
  readonly signedInAt?: Date
  /** Where a person signs in, and so where more assurance is to be had. */
  readonly signInAt?: string
  /** Only officers have any; none until they have accepted an appointment, which is all that they may do then. */
  readonly offices: readonly Office[]
  /** Of a program. */
  readonly program?: { readonly id: string; readonly scopes: ReadonlySet<string> }
}
interface Nobody extends Asker {
  readonly kind: 'NOBODY'
  readonly party?: undefined
}
interface SignedIn<Kind extends string> extends Asker {
  readonly kind: Kind
  /** Their own. */
  readonly party: string
}
interface ProgramCaller extends Asker {
  readonly kind: 'PROGRAM'
  /** Its organisation's. */
  readonly party: string
  readonly program: NonNullable<Asker['program']>
}

/** Who asks. What each may do is told by the rules below, and by the scope of each noun. Another kind is another member. */
export type Caller =
  | Nobody
  | SignedIn<'PERSON'>
  | ProgramCaller
  | SignedIn<'OFFICER'>
  | SignedIn<'OPERATOR'>
  | SignedIn<'AUDITOR'>
export type CallerKind = Caller['kind']
const kinds: Record<CallerKind, true> = {
  NOBODY: true,
  PERSON: true,
  PROGRAM: true,
  OFFICER: true,
  OPERATOR: true,
  AUDITOR: true,
}
export const callerKinds = Object.keys(kinds) as CallerKind[] // its keys are these

type ActingForParties = Extract<Caller, { kind: 'PERSON' | 'PROGRAM' }>
/** Whether they are here for a party, their own or another's; who is here for an agency or the operator is not. */
export const actsForParties = (caller: Caller): caller is ActingForParties =>
  caller.kind === 'PERSON' || caller.kind === 'PROGRAM'

export const nobody: Caller = {
  kind: 'NOBODY',
  id: 'nobody',
  assurance: Assurance.NONE,
  offices: [],
}

/** The caller's own party, or of a program its organisation's. Returns UNAUTHENTICATED to nobody. */
export function ownPartyOf({ party }: Caller): string {
  if (party === undefined) throw unknownCaller()
  return party
}

/** Whether that is no program, or one that was let do it. */
export const hasScope = ({ program }: Caller, scope: ProgramScope): boolean => !program || program.scopes.has(scope)
export function refuseWithoutScope(caller: Caller, scope: ProgramScope): void {
  if (!hasScope(caller, scope))
    throw refusal('FORBIDDEN', `The program must have the scope ${scope}; its token has not.`, { scope })
}

/** What a resolver, a rule and a statement may know of a request. */
export interface Context extends Request {
  readonly caller: Caller
  readonly language: Language
  /** For resolvers by hand; what is declared never asks for it. */
  readonly database: Database
  readonly keyring: Keyring
  readonly exchange: Exchange
  /** What receipts are signed with. */
  readonly signingKeys: SigningKeys
  readonly uploadLimits: UploadLimits
  readonly patience: Patience
  /** Whose signatures are believed. */
  readonly trust: Trust
  readonly meter: Meter
  /** Where callers reach this API: scheme, host and port. */
  readonly origin: string
  now(): Date
  /** The legal date of this request, in Asia/Baku. */
  readonly today: string
}
interface Asking {
  caller: Caller
  language: Language
  database: Database
  keyring: Keyring
  exchange?: Exchange
  signingKeys?: SigningKeys
  uploadLimits?: UploadLimits
  patience?: Patience
  trust?: Trust
  meter: Meter
  origin?: string
  now: () => Date
  /** Milliseconds that the request may take. */
  timeout: number
}
export const contextOf = ({
  timeout,
  now,
  exchange = unconnected,
  signingKeys = withoutSigningKeys,
  trust = withoutTrust,
  uploadLimits: limits = uploadLimits,
  patience = usualPatience,
  origin = 'http://localhost',
  ...asking
}: Asking): Context => ({
  ...asking,
  exchange,
  origin,
  signingKeys,
  trust,
  uploadLimits: limits,
  patience,
  now,
  deadline: Date.now() + timeout, // of the machine's clock: `now` may be a sandbox's own
  today: legalDate(now()),
})

/** Who counts what this request asks and does. */
export const meterOf = ({ meter }: Context): Meter => meter

const asRule = (name: string, ask: (caller: Caller) => true | Error) =>
  // Shield's own type keeps private what the guard must see.
  rule(name, { cache: 'contextual' })((_parent, _args, context: Context) => ask(context.caller)) as unknown as Rule

/** For nobody, where it must be somebody. */
export const unknownCaller = () =>
  refusal('UNAUTHENTICATED', 'It must be known who asks this: send `Authorization: Bearer <token>`.')

export interface StepUp {
  assurance?: Assurance
  /** Seconds since the person last signed in, at most. */
  within?: number
}
/** What is missing of the assurance that is asked for; the caller may sign in anew and come again. */
export function stepUp({ assurance = Assurance.NONE, within }: StepUp, caller: Caller, now: Date): true | Error {
  const age = caller.signedInAt ? (now.getTime() - caller.signedInAt.getTime()) / 1000 : Number.POSITIVE_INFINITY
  const isSure = isAtLeast(caller.assurance, assurance)
  const isFresh = within === undefined || age <= within
  if (isSure && isFresh) return true
  const wanted = [
    ...(isSure ? [] : [`with assurance ${assurance}, not ${caller.assurance}`]),
    ...(isFresh ? [] : [`within the last ${within} seconds`]),
  ]
  return refusal('STEP_UP_REQUIRED', `Sign in ${wanted.join(' and ')}, and send this again.`, {
    assurance,
    maxAge: within ?? null,
    signInAt: caller.signInAt ?? null,
  })
}

/**
 * How surely somebody must be known to see what is personal, or to act in a case: as the service asks, and SUBSTANTIAL once
 * they were known so. Of an account that never was, no registry has filled anything in.
 */
export const assuranceFor = ({ wasSure }: Caller, asked = Assurance.NONE): Assurance =>
  wasSure ? higherOf(asked, Assurance.SUBSTANTIAL) : asked

/** STEP_UP_REQUIRED for who is known less surely than that; never for a program. */
export const doubtOf = (caller: Caller, asked?: Assurance): Error | undefined => {
  const verdict = caller.kind === 'PROGRAM' || stepUp({ assurance: assuranceFor(caller, asked) }, caller, new Date())
  return verdict === true ? undefined : verdict
}
export function refuseUnsure(caller: Caller, asked?: Assurance): void {
  const doubt = doubtOf(caller, asked)
  if (doubt) throw doubt
}

/**
 * Open to some kinds of callers alone, of these to whom is meant, and where it is asked for, to those who have shown surely
 * or lately who they are.
 */
export const only = (
  name: string,
  whose: string,
  kinds: readonly CallerKind[],
  wanted: StepUp | ((caller: Caller) => StepUp) = {},
  isMeant: (caller: Caller) => boolean = () => true,
): Rule =>
  asRule(name, (caller) => {
    if (caller.kind === 'NOBODY') return unknownCaller()
    if (!kinds.includes(caller.kind) || !isMeant(caller)) return refusal('FORBIDDEN', `This is for ${whose} alone.`)
    // By the clock of the world, which issuers tell of: `now` may be a sandbox's own.
    const asked = typeof wanted === 'function' ? wanted(caller) : wanted
    return caller.kind === 'PROGRAM' ? true : stepUp(asked, caller, new Date())
  })

/** Open to whoever is known. */
export const signedIn = only(
  'signedIn',
  'callers who are known',
  callerKinds.filter((kind) => kind !== 'NOBODY'),
)
/** As surely as they were ever known, up to SUBSTANTIAL. */
export const asSurelyAsEver = (caller: Caller): StepUp => ({ assurance: assuranceFor(caller) })
/** Open to whoever is known as surely as they ever were, up to SUBSTANTIAL. Whose it is, its scope says. */
export const seesPersonal = asRule('seesPersonal', (caller) => doubtOf(caller) ?? true)
/** Open to persons, for themselves and for whom they act; not to their programs. */
export const person = only('person', 'persons', ['PERSON'])
/** Open to the operator, who has signed in with a signature. */
export const operator = only('operator', 'the operator', ['OPERATOR'], { assurance: Assurance.HIGH })
