import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { record } from '../events/record.js'
import { type Caller, type CallerKind, nobody, type Office } from '../shared/context.js'
import type { Database } from '../shared/database.js'
import { readFin } from '../shared/identifiers/fin.js'
import type { Keyring } from '../shared/keyring.js'
import { hashesOf, indexed, type SealingKey, seal } from '../shared/personal.js'
import type { Transaction } from '../shared/seeding.js'
import type { SignIn } from './accessToken.js'
import { appointments } from './appointment.table.js'
import { IdentifierType } from './identifier.table.js'
import { hashesOfIdentifier, type Identifier, IdentifiersDisagree, partyBy } from './identifiers.js'
import { identities, SubjectKind } from './identity.table.js'
import { PersonStatus, particulars } from './particulars.table.js'
import { PartyKind, parties } from './party.table.js'

/** Why somebody whose token is good is nobody here. */
export type SignInFault =
  | 'token.incomplete'
  | 'token.subject_changed'
  | 'token.identifiers_disagree'
  | 'token.operator_is_officer'
  | 'token.no_appointment'

const kinds: Record<SubjectKind, CallerKind> = {
  ...{ CITIZEN: 'PERSON', FOREIGNER: 'PERSON', STATELESS: 'PERSON' },
  ...{ OFFICER: 'OFFICER', OPERATOR: 'OPERATOR', AUDITOR: 'AUDITOR' },
}

interface Parts {
  database: Database
  keyring: Keyring
  now: () => Date
}

/** Who that is here, in one statement; at the first sign-in the party is found by its identifiers, or made. */
export async function callerOf(parts: Parts, signIn: SignIn): Promise<Caller | SignInFault> {
  const identifiers = identifiersIn(signIn)
  if (!identifiers) return 'token.incomplete'
  let known = await find(parts, signIn, identifiers)
  if (!known) {
    const fault = await meet(parts, signIn, identifiers)
    if (fault) return fault
    known = await find(parts, signIn, identifiers)
  }
  if (!known) throw new Error('an identity that was made a moment ago is gone')
  if (known.kind !== signIn.kind || !known.isSame) return 'token.subject_changed'
  const kind = kinds[signIn.kind]
  if (kind === 'OFFICER' && known.offices.length === 0 && !known.isAwaited) return 'token.no_appointment'
  const { assurance, signedInAt, issuer } = signIn
  return {
    ...nobody,
    ...{ kind, id: `${kind.toLowerCase()}:${known.party}`, party: known.party, assurance, signedInAt },
    ...{ signInAt: issuer.signInAt, offices: kind === 'OFFICER' ? known.offices : [] },
  }
}

function identifiersIn({ fin, document }: SignIn): Identifier[] | undefined {
  const read = fin === undefined ? undefined : readFin(fin)
  if (read && !('value' in read)) return undefined
  return [
    ...(read ? [{ type: IdentifierType.FIN, value: read.value }] : []),
    ...(document ? [{ type: IdentifierType.DOCUMENT, value: document }] : []),
  ]
}

const subjectOf = ({ issuer, subject }: SignIn) => JSON.stringify([issuer.issuer, subject])

interface Known {
  party: string
  kind: SubjectKind
  /** By an identifier in this token too. */
  isSame: boolean
  offices: Office[]
  /** Has an appointment to accept. */
  isAwaited: boolean
}
async function find({ database, keyring }: Parts, signIn: SignIn, given: Identifier[]): Promise<Known | undefined> {
  const subjects = hashesOf(keyring, identities.subjectIndex, subjectOf(signIn))
  const named = given.flatMap((identifier) => hashesOfIdentifier(keyring, identifier))
  const [known] = await database.client<Known[]>`
    select identity.party_id as party, identity.kind,
      exists(select from identifiers where party_id = identity.party_id and value_index = any(${named})) as "isSame",
      coalesce(offices, '[]') as offices, coalesce("isAwaited", false) as "isAwaited"
    from identities identity left join lateral (
      select
        json_agg(json_build_object('agencyId', agency_id, 'agency', agencies.code, 'roles', roles) order by agencies.code)
          filter (where state = 'ACTIVE') as offices,
        bool_or(state = 'CONFIRMED') as "isAwaited"
      from appointments join agencies on agencies.id = agency_id
      where party_id = identity.party_id and state in ('ACTIVE', 'CONFIRMED')) appointed on true
    where subject_index = any(${subjects})`
  return known
}

/** The first sign-in of an account. Two of one person at the same time make one party. */
async function meet(parts: Parts, signIn: SignIn, identifiers: Identifier[]): Promise<SignInFault | undefined> {
  const { database, keyring, now } = parts
  try {
    return await database.db.transaction(async (tx) => {
      const since = now()
      const key = await partyBy(tx, keyring, { kind: PartyKind.NATURAL_PERSON, identifiers, since })
      if (signIn.kind === SubjectKind.OPERATOR && (await isOfficer(tx, key.party))) return 'token.operator_is_officer'
      await addParticulars(tx, key, signIn, since)
      const subjectIndex = indexed(keyring, identities.subjectIndex, subjectOf(signIn))
      const identity = { id: v7(), partyId: key.party, issuer: signIn.issuer.issuer, kind: signIn.kind, since }
      const [made] = await tx
        .insert(identities)
        .values({ ...identity, subjectIndex })
        .onConflictDoNothing()
        .returning({ id: identities.id })
      if (!made) return undefined // another request of theirs was quicker
      const said = { domain: 'identity', type: 'identity.made', subject: made.id, partyId: key.party }
      await record(tx, [{ ...said, at: since, actor: signIn.issuer.issuer }])
      return undefined
    })
  } catch (error) {
    if (error instanceof IdentifiersDisagree) return 'token.identifiers_disagree'
    throw error
  }
}

/** An operator is never an officer; who appoints one locks the party too. */
async function isOfficer(tx: Transaction, party: string): Promise<boolean> {
  await tx.select({ id: parties.id }).from(parties).where(eq(parties.id, party)).for('update')
  const all = await tx.select({ state: appointments.state }).from(appointments).where(eq(appointments.partyId, party))
  return all.some(({ state }) => state !== 'ENDED')
}

/** An officer says nothing of being a citizen. */
const statuses: Partial<Record<SubjectKind, PersonStatus>> = {
  ...{ CITIZEN: PersonStatus.CITIZEN, FOREIGNER: PersonStatus.FOREIGNER, STATELESS: PersonStatus.STATELESS },
}

async function addParticulars(tx: Transaction, key: SealingKey, signIn: SignIn, since: Date): Promise<void> {
  const { name = null, birthDate = null, kind, issuer } = signIn
  const [known] = await tx.select().from(particulars).where(eq(particulars.partyId, key.party))
  const row = { id: known?.id ?? v7(), partyId: key.party, name, birthDate, source: issuer.issuer, since }
  const status = statuses[kind] ?? known?.status ?? null
  if (!known) await tx.insert(particulars).values({ ...seal(key, particulars, row), status })
  // What a register said counts for more, but it does not know of a status that it was not asked for.
  else if (!known.status && status) await tx.update(particulars).set({ status }).where(eq(particulars.id, known.id))
}
