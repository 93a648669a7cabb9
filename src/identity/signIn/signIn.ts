import { eq, inArray, type SQL, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { asked } from '../../engine/declare.js'
import { record } from '../../events/record.js'
import type { Database } from '../../platform/database.js'
import type { Keyring } from '../../platform/keyring.js'
import { type EncryptionKey, hashesOf, indexed } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { isAtLeast } from '../../shared/assurance.js'
import { Assurance } from '../../shared/assurance.table.js'
import {
  anonymous,
  type Caller,
  type CallerKind,
  type Office,
  type Premise,
  withoutMandates,
} from '../../shared/context.js'
import { holdsMandates } from '../mandates/powers.js'
import { appointments } from '../officers/appointment.table.js'
import { IdentifierType, identifiers } from '../parties/identifier.table.js'
import { hashesOfIdentifier, IdentifiersDisagree, lockHashes, namePartyBy, partyBy } from '../parties/identifiers.js'
import { identities, SubjectKind } from '../parties/identity.table.js'
import { StatusDisagrees, tellParticulars } from '../parties/particulars.js'
import { keyToEncrypt, makeParty } from '../parties/party.js'
import { PartyKind, parties } from '../parties/party.table.js'
import type { SignIn } from './accessToken.js'

/** Why a valid token does not identify a caller. */
export type SignInFault =
  | 'token.subject_changed'
  | 'token.identifiers_disagree'
  | 'token.status_disagrees'
  | 'token.operator_is_officer'
  | 'token.no_appointment'

const kinds: Record<SubjectKind, Exclude<CallerKind, 'ANONYMOUS' | 'PROGRAM' | 'AGENCY_PROGRAM'>> = {
  CITIZEN: 'PERSON',
  FOREIGNER: 'PERSON',
  STATELESS: 'PERSON',
  OFFICER: 'OFFICER',
  OPERATOR: 'OPERATOR',
  AUDITOR: 'AUDITOR',
}

/**
 * The assurance level from which identifiers in a token count. Below it, an account is a party of its own, so that nobody can
 * claim another's identifier.
 */
const sureEnough = Assurance.SUBSTANTIAL

/** A caller, and what must still be true if they were read for an earlier request. */
export interface Recognised {
  caller: Caller
  premise?: Premise
}

interface Parts {
  database: Database
  keyring: Keyring
  now: () => Date
}

/**
 * Finds the caller, in one statement. The first sign-in finds the party by its identifiers, or creates it. A caller who was
 * read earlier by this sign-in is only valid where `premise` is, unless `anew` is set.
 */
export async function callerOf(parts: Parts, signIn: SignIn, { anew = false } = {}): Promise<Recognised | SignInFault> {
  const before = anew ? undefined : recognised.get(signIn)
  if (before) return before
  const subjects = hashesOf(parts.keyring, identities.subjectIndex, subjectOf(signIn))
  let known = await find(parts, signIn, subjects)
  if (!known || tellsMore(known, signIn)) {
    const fault = await meet(parts, signIn)
    if (fault) return fault
    known = await find(parts, signIn, subjects)
  }
  if (!known) throw new Error('an identity that was made a moment ago is gone')
  if (!isSame(known, signIn)) return 'token.subject_changed'
  const kind = kinds[signIn.kind]
  const { offices = [], isAwaited = false } = known
  if (kind === 'OFFICER' && offices.length === 0 && !isAwaited) return 'token.no_appointment'
  const { assurance, signedInAt, issuer } = signIn
  const caller: Caller = {
    ...anonymous,
    kind,
    id: `${kind.toLowerCase()}:${known.party}`,
    party: known.party,
    assurance,
    // Only a sign-in with enough assurance provides identifiers.
    hadSubstantial: known.isNamed,
    signedInAt,
    signInAt: issuer.signInAt,
    offices,
    variant: kind === 'PERSON' && !known.holdsMandates ? withoutMandates : undefined,
  }
  const premise = { subjects, agencies: issuer.agencies ?? null, facts: known.facts }
  recognised.set(signIn, { caller, premise: { ...premise, isRead: false } })
  return { caller, premise: { ...premise, isRead: true } }
}
/** A verified token gives the same sign-in until it is dropped. */
const recognised = new WeakMap<SignIn, Recognised>()

const finIn = ({ identifiers }: SignIn) => identifiers.find(({ type }) => type === IdentifierType.FIN)
const subjectOf = ({ issuer, subject }: SignIn) => JSON.stringify([issuer.issuer, subject])
const isSure = ({ assurance }: SignIn) => isAtLeast(assurance, sureEnough)

/** One row for each identifier of the party, at least one. */
interface Row {
  party: string
  kind: SubjectKind
  type: IdentifierType | null
  valueIndex: string | null
  /** Assurance of the stored particulars. */
  particularsAssurance: Assurance
  lacksBirthDate: boolean
  /** Absent in the search for an officer. */
  holdsMandates?: boolean
  /** Only in the search for an officer. */
  offices?: Office[]
  /** Whether an appointment awaits acceptance. */
  isAwaited?: boolean
}
interface Known extends Row {
  /** All that was read: the same text means the same caller. */
  facts: string
  /** Whether the party has any identifier. */
  isNamed: boolean
  /** By any identifier in the token. */
  isMatched: boolean
  hasFin: boolean
  isFin: boolean
}

/** An account keeps its party. The FİN must be the same; without one, the document must be known. */
const isSame = ({ kind, isNamed, isMatched, hasFin, isFin }: Known, signIn: SignIn): boolean =>
  kind === signIn.kind && (!isNamed || (hasFin && finIn(signIn) ? isFin : isMatched))

const tellsMore = (known: Known, signIn: SignIn): boolean =>
  isSame(known, signIn) &&
  ((isSure(signIn) && !known.isNamed) ||
    !isAtLeast(known.particularsAssurance, signIn.assurance) ||
    (known.lacksBirthDate && signIn.birthDate !== undefined && known.particularsAssurance === signIn.assurance))

/** Returns rows as one JSON text. One SQL text for each kind of caller, so that a connection prepares it once. */
const lookUp = (columns: string, joined = '') => `
  select json_agg(known order by known.type, known."valueIndex")::text as facts from (
    select identity.party_id as party, identity.kind, identifier.type, identifier.value_index as "valueIndex",
      coalesce(particulars.assurance, 'NONE') as "particularsAssurance", birth_date is null as "lacksBirthDate", ${columns}
    from identities identity
    left join particulars on particulars.party_id = identity.party_id
    left join identifiers identifier on identifier.party_id = identity.party_id
    ${joined}
    where subject_index = any($1::text[])) known`
const lookUpOfPerson = lookUp(`${holdsMandates('identity.party_id')} as "holdsMandates"`)
const lookUpOfOfficer = lookUp(
  `coalesce(offices, '[]') as offices, coalesce("isAwaited", false) as "isAwaited"`,
  `left join lateral (
    select
      json_agg(json_build_object('agencyId', agency_id, 'agency', agencies.code, 'roles', roles) order by agencies.code)
        filter (where state = 'ACTIVE') as offices,
      bool_or(state = 'CONFIRMED') as "isAwaited"
    from appointments join agencies on agencies.id = agency_id
    where party_id = identity.party_id and state in ('ACTIVE', 'CONFIRMED')
      and ($2::text[] is null or agencies.code = any($2::text[]))) appointed on true`,
)

const premiseAsked = (read: (premise: Premise) => unknown) =>
  asked(({ premise }: { premise?: Premise }) => premise && read(premise))
/** The same look-up as a part of another statement. */
function premiseIn(lookUp: string): SQL {
  const values: Record<string, SQL> = {
    $1: sql`${premiseAsked(({ subjects }) => subjects)}`,
    $2: sql`${premiseAsked(({ agencies }) => agencies)}`,
  }
  const parts = lookUp.split(/(\$[12])/).map((part) => values[part] ?? sql.raw(part))
  return sql`(${sql.join(parts)}) = ${premiseAsked(({ facts }) => facts)}`
}
const ofPerson = premiseIn(lookUpOfPerson)
/** By the caller's kind, a condition for statements: the caller is still as the request's premise has them. */
export const premises: Readonly<Partial<Record<CallerKind, SQL>>> = {
  PERSON: ofPerson,
  OFFICER: premiseIn(lookUpOfOfficer),
  OPERATOR: ofPerson,
  AUDITOR: ofPerson,
}

async function find({ database, keyring }: Parts, signIn: SignIn, subjects: string[]): Promise<Known | undefined> {
  const [text, values] =
    signIn.kind === SubjectKind.OFFICER
      ? [lookUpOfOfficer, [subjects, signIn.issuer.agencies ?? null]]
      : [lookUpOfPerson, [subjects]]
  const [found] = await database.client.unsafe<{ facts: string | null }[]>(text, values, { prepare: true })
  if (!found?.facts) return undefined
  const rows: Row[] = JSON.parse(found.facts)
  const fin = finIn(signIn)
  const isAmong = (hashes: string[]) =>
    rows.some(({ valueIndex }) => valueIndex !== null && hashes.includes(valueIndex))
  const [known] = rows as [Row] // `json_agg` of no rows is null
  return {
    ...known,
    facts: found.facts,
    isNamed: known.valueIndex !== null,
    isMatched: isAmong(signIn.identifiers.flatMap((identifier) => hashesOfIdentifier(keyring, identifier))),
    hasFin: rows.some(({ type }) => type === IdentifierType.FIN),
    isFin: fin !== undefined && isAmong(hashesOfIdentifier(keyring, fin)),
  }
}

/** Thrown to roll the transaction back. */
class Refused extends Error {
  constructor(readonly fault: SignInFault) {
    super(fault)
  }
}

/** Records the first sign-in of an account, or the first with more details. Concurrent ones create one party. */
async function meet(parts: Parts, signIn: SignIn): Promise<SignInFault | undefined> {
  try {
    await parts.database.db.transaction((tx) => meetIn(tx, parts, signIn))
    return undefined
  } catch (error) {
    if (error instanceof Refused) return error.fault
    if (error instanceof IdentifiersDisagree) return 'token.identifiers_disagree'
    if (error instanceof StatusDisagrees) return 'token.status_disagrees'
    throw error
  }
}

async function meetIn(tx: Transaction, { keyring, now }: Parts, signIn: SignIn): Promise<void> {
  const createdAt = now()
  const subjects = hashesOf(keyring, identities.subjectIndex, subjectOf(signIn))
  await lockHashes(tx, subjects)
  const [before] = await tx.select().from(identities).where(isOneOf(subjects))
  const key = before
    ? await namedSurely(tx, keyring, before.partyId, signIn, createdAt)
    : await partyOf(tx, keyring, signIn, createdAt)
  await tellParticulars(tx, key, signIn, createdAt)
  if (before?.partyId === key.party) return
  if (signIn.kind === SubjectKind.OPERATOR && (await isOfficer(tx, key.party)))
    throw new Refused('token.operator_is_officer')
  if (before) {
    await tx.update(identities).set({ partyId: key.party }).where(eq(identities.id, before.id))
    const moved = { domain: 'identity', type: 'identity.moved', subject: before.id, partyId: key.party }
    await record(tx, [{ ...moved, at: createdAt, actor: signIn.issuer.issuer, ids: { from: before.partyId } }])
    return
  }
  const identity = { id: v7(), partyId: key.party, issuer: signIn.issuer.issuer, kind: signIn.kind, createdAt }
  await tx
    .insert(identities)
    .values({ ...identity, subjectIndex: indexed(keyring, identities.subjectIndex, subjectOf(signIn)) })
  const event = { domain: 'identity', type: 'identity.made', subject: identity.id, partyId: key.party }
  await record(tx, [{ ...event, at: createdAt, actor: signIn.issuer.issuer }])
}

const isOneOf = (subjects: string[]) => inArray(identities.subjectIndex, subjects)

const partyOf = (tx: Transaction, keyring: Keyring, signIn: SignIn, createdAt: Date): Promise<EncryptionKey> =>
  isSure(signIn)
    ? partyBy(tx, keyring, { kind: PartyKind.NATURAL_PERSON, identifiers: signIn.identifiers, createdAt })
    : makeParty(tx, keyring, PartyKind.NATURAL_PERSON, createdAt)

/**
 * Finds or adds the identifiers of an account that reaches enough assurance. A concurrent request may have done so already. If
 * others have named the same person meanwhile, and no account belongs to that party, this account moves to it.
 */
async function namedSurely(tx: Transaction, keyring: Keyring, party: string, signIn: SignIn, createdAt: Date) {
  if (!isSure(signIn)) return await keyToEncrypt(tx, keyring, party)
  try {
    await namePartyBy(tx, keyring, party, signIn.identifiers, createdAt)
    return await keyToEncrypt(tx, keyring, party)
  } catch (error) {
    if (!(error instanceof IdentifiersDisagree) || (await isNamed(tx, party))) throw error
    const named = await partyOf(tx, keyring, signIn, createdAt)
    if (await hasAccount(tx, named.party)) throw error
    return named
  }
}

async function isNamed(tx: Transaction, party: string): Promise<boolean> {
  const [named] = await tx
    .select({ id: identifiers.id })
    .from(identifiers)
    .where(eq(identifiers.partyId, party))
    .limit(1)
  return named !== undefined
}
async function hasAccount(tx: Transaction, party: string): Promise<boolean> {
  const [account] = await tx
    .select({ id: identities.id })
    .from(identities)
    .where(eq(identities.partyId, party))
    .limit(1)
  return account !== undefined
}

/** An operator cannot be an officer. An appointment locks the party too. */
async function isOfficer(tx: Transaction, party: string): Promise<boolean> {
  await tx.select({ id: parties.id }).from(parties).where(eq(parties.id, party)).for('update')
  const all = await tx.select({ state: appointments.state }).from(appointments).where(eq(appointments.partyId, party))
  return all.some(({ state }) => state !== 'ENDED')
}
