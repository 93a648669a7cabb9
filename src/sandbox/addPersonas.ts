import { and, eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../agencies/agency.table.js'
import { MandateKind, MandateSource, mandates } from '../identity/mandates/mandate.table.js'
import { AppointmentState, appointments } from '../identity/officers/appointment.table.js'
import { IdentifierType } from '../identity/parties/identifier.table.js'
import { type Identifier, partyBy } from '../identity/parties/identifiers.js'
import { PersonStatus, particulars } from '../identity/parties/particulars.table.js'
import { PartyKind } from '../identity/parties/party.table.js'
import { programs } from '../identity/programs/program.table.js'
import { digestOf } from '../identity/programs/secret.js'
import type { Keyring } from '../platform/keyring.js'
import { encrypt } from '../platform/personal.js'
import type { Transaction } from '../platform/seeding.js'
import { isAtLeast } from '../shared/assurance.js'
import { Assurance } from '../shared/assurance.table.js'
import { momentOf } from '../shared/time.js'
import type { Persona } from './personas.js'
import { type PersonasFile, personasFrom } from './personasFile.js'

interface Parts {
  tx: Transaction
  keyring: Keyring
  /** Of programs, by name. */
  secrets: ReadonlyMap<string, string>
  at: Date
}
/** Ids of parties, by their names in the file. */
type Parties = ReadonlyMap<string, string>

/** The actor recorded for all of this. */
const actor = 'sandbox'

/** Adds what is missing. Whatever somebody ended or revoked stays so. */
export async function addPersonas(parts: Parts, text: string): Promise<void> {
  const file = personasFrom(text)
  const parties = await addParties(parts, file)
  await addMandates(parts, file, parties)
  await addAppointments(parts, file, parties)
  await addPrograms(parts, file, parties)
}

async function addParties(parts: Parts, { persons, organisations }: PersonasFile): Promise<Parties> {
  const parties = new Map<string, string>()
  // A person without assurance does not exist before the first sign-in, and then only by their account.
  for (const { name, ...person } of persons.filter(({ assurance }) => isAtLeast(assurance, Assurance.SUBSTANTIAL))) {
    const known = { kind: PartyKind.NATURAL_PERSON, identifiers: identifiersOf(person) }
    const { fullName, birthDate, kind, assurance } = person
    // Officers are added without a register of persons.
    const status = Object.values(PersonStatus).find((status) => status === (kind as string)) ?? null
    parties.set(name, await addParty(parts, known, { name: fullName, birthDate, status, assurance }))
  }
  for (const { name, fullName, voen } of organisations) {
    const identifiers = [{ type: IdentifierType.VOEN, value: voen }]
    const known = { kind: PartyKind.LEGAL_ENTITY, identifiers }
    parties.set(name, await addParty(parts, known, { name: fullName, assurance: Assurance.SUBSTANTIAL }))
  }
  return parties
}

const identifiersOf = ({ fin, voen, document }: Pick<Persona, 'fin' | 'voen' | 'document'>): Identifier[] => [
  ...(fin ? [{ type: IdentifierType.FIN, value: fin }] : []),
  ...(voen ? [{ type: IdentifierType.VOEN, value: voen }] : []),
  ...(document ? [{ type: IdentifierType.DOCUMENT, value: `${document.country}:${document.number}` }] : []),
]

interface Details {
  name: string
  birthDate?: string
  status?: PersonStatus | null
  /** As a sign-in or a register would record it. */
  assurance: Assurance
}
async function addParty(
  { tx, keyring, at }: Parts,
  known: { kind: PartyKind; identifiers: Identifier[] },
  { status = null, assurance, ...details }: Details,
): Promise<string> {
  const key = await partyBy(tx, keyring, { ...known, createdAt: at })
  const row = { id: v7(), partyId: key.party, ...details, source: actor, createdAt: at }
  await tx
    .insert(particulars)
    .values({ ...encrypt(key, particulars, row), status, assurance })
    .onConflictDoNothing({ target: particulars.partyId })
  return key.party
}

async function addMandates({ tx, at }: Parts, file: PersonasFile, parties: Parties): Promise<void> {
  for (const { principal, holder, kind, powers, validFrom, validTo, grantedBy } of file.mandates) {
    const between = { principalId: idOf(parties, principal), holderId: idOf(parties, holder), kind }
    if (await findMandate(tx, between)) continue
    const granter = grantedBy && { ...between, holderId: idOf(parties, grantedBy), kind: MandateKind.HEAD }
    await tx.insert(mandates).values({
      id: v7(),
      ...between,
      powers,
      createdAt: at,
      validFrom: momentOf(validFrom, '00:00:00'),
      validTo: validTo ? momentOf(validTo, '00:00:00') : null,
      source: granter ? MandateSource.GRANT : MandateSource.REGISTER,
      ...(granter && { grantedBy: granter.holderId, grantedUnder: await findMandate(tx, granter) }),
    })
  }
}

interface Between {
  principalId: string
  holderId: string
  kind: MandateKind
}
async function findMandate(tx: Transaction, { principalId, holderId, kind }: Between): Promise<string | undefined> {
  const isIt = and(eq(mandates.principalId, principalId), eq(mandates.holderId, holderId), eq(mandates.kind, kind))
  const [found] = await tx.select({ id: mandates.id }).from(mandates).where(isIt)
  return found?.id
}

async function addAppointments({ tx, at }: Parts, file: PersonasFile, parties: Parties): Promise<void> {
  for (const { officer, agency: code, roles } of file.appointments) {
    const partyId = idOf(parties, officer)
    const agencyId = await agencyOf(tx, code)
    const isIt = and(eq(appointments.partyId, partyId), eq(appointments.agencyId, agencyId))
    const [found] = await tx.select({ id: appointments.id }).from(appointments).where(isIt)
    if (found) continue
    await tx.insert(appointments).values({
      id: v7(),
      agencyId,
      partyId,
      roles,
      state: AppointmentState.ACTIVE,
      proposedBy: actor,
      createdAt: at,
      activeFrom: at,
    })
  }
}

async function agencyOf(tx: Transaction, code: string): Promise<string> {
  const [agency] = await tx.select({ id: agencies.id }).from(agencies).where(eq(agencies.code, code))
  if (!agency) throw new Error(`an officer or a program must be of an agency that is there; ${code} is none`)
  return agency.id
}

/** The expiry of a sandbox's programs: practically never. */
const expiresAt = new Date('2099-12-31T00:00:00Z')

async function addPrograms(
  { tx, secrets, at }: Parts,
  { programs: given }: PersonasFile,
  parties: Parties,
): Promise<void> {
  for (const { id, name, organisation, agency, scopes } of given) {
    // The cast: every program of the file has one.
    const known = { scopes, secretHash: digestOf(secrets.get(name) as string) }
    const row = {
      id,
      partyId: organisation ? idOf(parties, organisation) : null,
      agencyId: agency ? await agencyOf(tx, agency) : null,
      name,
      registeredBy: actor,
      createdAt: at,
      expiresAt,
      ...known,
    }
    // A folder that was created anew has another secret.
    await tx.insert(programs).values(row).onConflictDoUpdate({ target: programs.id, set: known })
  }
}

function idOf(parties: Parties, name: string): string {
  const id = parties.get(name)
  if (!id) throw new Error(`a party of the file must be named; ${name} is none`)
  return id
}
