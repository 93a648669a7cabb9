import { v7 } from 'uuid'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { partyBy } from '../../src/identity/identifiers.js'
import { MandateKind, Power } from '../../src/identity/mandate.table.js'
import { particulars } from '../../src/identity/particulars.table.js'
import { keyToSeal } from '../../src/identity/party.js'
import { PartyKind } from '../../src/identity/party.table.js'
import { recordMandate } from '../../src/identity/recordMandate.js'
import type { Database } from '../../src/shared/database.js'
import { seal } from '../../src/shared/personal.js'
import { personaOf } from './personas.js'
import { keyringOfFile as keyring } from './server.js'

const since = new Date('2026-01-01T00:00:00Z')

interface Given {
  kind?: MandateKind
  powers?: Power[]
  services?: string[] | null
  validTo?: Date | null
}

/** Parties and mandates in a test's database, inserted as its API would. */
export function partiesIn({ db }: Pick<Database, 'db'>) {
  const by = (kind: `${PartyKind}`, type: IdentifierType, value: string) =>
    db.transaction(
      async (tx) =>
        (await partyBy(tx, keyring, { kind: PartyKind[kind], identifiers: [{ type, value }], since })).party,
    )

  /** The party of a persona, whether or not they have signed in. */
  async function persona(name: string): Promise<string> {
    const { fin, document } = personaOf(name)
    return fin
      ? await by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, fin)
      : await by(PartyKind.NATURAL_PERSON, IdentifierType.DOCUMENT, `${document?.country}:${document?.number}`)
  }

  async function firm(name: string, voen: string): Promise<string> {
    const party = await by(PartyKind.LEGAL_ENTITY, IdentifierType.VOEN, voen)
    await db.transaction(async (tx) => {
      const row = { id: v7(), partyId: party, name, source: 'a test', since }
      await tx.insert(particulars).values(seal(await keyToSeal(tx, keyring, party), particulars, row))
    })
    return party
  }

  /** A mandate, recorded as if a register had reported it. */
  async function give(principalId: string, holderId: string, given: Given = {}): Promise<string> {
    const { kind = MandateKind.DELEGATE, powers = [Power.VIEW, Power.FILE], services = null, validTo = null } = given
    const reported = { principalId, holderId, kind, powers, services, validFrom: since, validTo, since }
    return await db.transaction((tx) => recordMandate(tx, reported, 'a test'))
  }
  return { persona, firm, give, by }
}

export const partyId = (party: string) => nodeIdOf('Party', party)
