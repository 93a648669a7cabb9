import { randomBytes } from 'node:crypto'
import { inArray } from 'drizzle-orm'
import { v4, v7 } from 'uuid'
import { nodeIdOf } from '../../src/engine/node.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { recordMandate } from '../../src/identity/mandates/recordMandate.js'
import { IdentifierType, identifiers } from '../../src/identity/parties/identifier.table.js'
import { hashesOfIdentifier, type Identifier } from '../../src/identity/parties/identifiers.js'
import { particulars } from '../../src/identity/parties/particulars.table.js'
import { wrapped } from '../../src/identity/parties/party.js'
import { PartyKind, parties } from '../../src/identity/parties/party.table.js'
import type { Database } from '../../src/platform/database.js'
import { type EncryptionKey, encrypt, indexed } from '../../src/platform/personal.js'
import { keyOfParty } from './partyKey.js'
import { personaOf } from './personas.js'
import { keyringOfFile as keyring } from './server.js'

const createdAt = new Date('2026-01-01T00:00:00Z')

interface Given {
  kind?: MandateKind
  powers?: Power[]
  services?: string[] | null
  validFrom?: Date
  validTo?: Date | null
}

/** Parties that were looked up, by identifier. */
const knownIn = new WeakMap<object, Map<string, string>>()

/** Parties and mandates in a test's database, inserted as its API would. */
export function partiesIn({ db }: Pick<Database, 'db'>) {
  const known = knownIn.get(db) ?? new Map<string, string>()
  knownIn.set(db, known)

  async function by(kind: `${PartyKind}`, type: IdentifierType, value: string): Promise<string> {
    const identifier = { type, value }
    const found = known.get(`${type}:${value}`) ?? (await findParty(identifier)) ?? (await add(kind, identifier))
    known.set(`${type}:${value}`, found)
    return found
  }
  async function findParty(identifier: Identifier): Promise<string | undefined> {
    const hashes = hashesOfIdentifier(keyring, identifier)
    const [row] = await db.select().from(identifiers).where(inArray(identifiers.valueIndex, hashes))
    return row?.partyId
  }
  function newParty(kind: `${PartyKind}`) {
    const key = { party: v4(), secret: randomBytes(32) } as EncryptionKey // of a party that nobody can forget yet
    return { key, row: { id: key.party, kind: PartyKind[kind], createdAt, ...wrapped(keyring, key) } }
  }
  async function add(kind: `${PartyKind}`, { type, value }: Identifier): Promise<string> {
    const { key, row } = newParty(kind)
    const valueIndex = indexed(keyring, identifiers.valueIndex, `${type}:${value}`)
    const identifier = encrypt(key, identifiers, { id: v7(), partyId: key.party, type, value, valueIndex, createdAt })
    const party = db.$with('party').as(db.insert(parties).values(row).returning({ id: parties.id }))
    await db.with(party).insert(identifiers).values(identifier)
    return key.party
  }

  /** The party of a persona, whether or not they have signed in. */
  async function persona(name: string): Promise<string> {
    const { fin, document } = personaOf(name)
    return fin
      ? await by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, fin)
      : await by(PartyKind.NATURAL_PERSON, IdentifierType.DOCUMENT, `${document?.country}:${document?.number}`)
  }

  async function made(kind: PartyKind): Promise<string> {
    const { key, row } = newParty(kind)
    await db.insert(parties).values(row)
    return key.party
  }
  /** A person of whom nothing is known. */
  const person = () => made(PartyKind.NATURAL_PERSON)
  const organisation = () => made(PartyKind.LEGAL_ENTITY)

  async function addParticulars(partyId: string, known: { name?: string; birthDate?: string }): Promise<string> {
    const row = { id: v7(), partyId, ...known, source: 'a test', createdAt }
    await db.insert(particulars).values(encrypt(await keyOfParty({ db }, keyring, partyId), particulars, row))
    return partyId
  }
  const bornOn = async (birthDate: string) => addParticulars(await person(), { birthDate })
  const firm = async (name: string, voen: string) =>
    addParticulars(await by(PartyKind.LEGAL_ENTITY, IdentifierType.VOEN, voen), { name })

  /** A mandate, recorded as if a register had reported it. */
  async function give(principalId: string, holderId: string, given: Given = {}): Promise<string> {
    const usual = { kind: MandateKind.DELEGATE, powers: [Power.VIEW, Power.FILE], services: null, validFrom: createdAt }
    const reported = { ...usual, validTo: null, ...given, principalId, holderId, createdAt }
    return await db.transaction((tx) => recordMandate(tx, reported, 'a test'))
  }
  return { persona, person, organisation, bornOn, firm, give, by }
}

export const partyId = (party: string) => nodeIdOf('Party', party)
