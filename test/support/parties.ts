import { v7 } from 'uuid'
import { nodeIdOf } from '../../src/engine/node.js'
import { MandateKind, Power } from '../../src/identity/mandates/mandate.table.js'
import { recordMandate } from '../../src/identity/mandates/recordMandate.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { partyBy } from '../../src/identity/parties/identifiers.js'
import { particulars } from '../../src/identity/parties/particulars.table.js'
import { keyToEncrypt, makeParty } from '../../src/identity/parties/party.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import type { Database } from '../../src/platform/database.js'
import { encrypt } from '../../src/platform/personal.js'
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

/** Parties and mandates in a test's database, inserted as its API would. */
export function partiesIn({ db }: Pick<Database, 'db'>) {
  const by = (kind: `${PartyKind}`, type: IdentifierType, value: string) =>
    db.transaction(
      async (tx) =>
        (await partyBy(tx, keyring, { kind: PartyKind[kind], identifiers: [{ type, value }], createdAt })).party,
    )

  /** The party of a persona, whether or not they have signed in. */
  async function persona(name: string): Promise<string> {
    const { fin, document } = personaOf(name)
    return fin
      ? await by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, fin)
      : await by(PartyKind.NATURAL_PERSON, IdentifierType.DOCUMENT, `${document?.country}:${document?.number}`)
  }

  const made = async (kind: PartyKind) => (await db.transaction((tx) => makeParty(tx, keyring, kind, createdAt))).party
  /** A person of whom nothing is known. */
  const person = () => made(PartyKind.NATURAL_PERSON)
  const organisation = () => made(PartyKind.LEGAL_ENTITY)

  async function addParticulars(partyId: string, known: { name?: string; birthDate?: string }): Promise<string> {
    await db.transaction(async (tx) => {
      const row = { id: v7(), partyId, ...known, source: 'a test', createdAt }
      await tx.insert(particulars).values(encrypt(await keyToEncrypt(tx, keyring, partyId), particulars, row))
    })
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
