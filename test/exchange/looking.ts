import { v7 } from 'uuid'
import { registries } from '../../src/agencies/registry.table.js'
import { AccessKind, AccessOutcome } from '../../src/exchange/accessLog/access.table.js'
import { logAccesses, type NewAccess } from '../../src/exchange/accessLog/logAccesses.js'
import { purposes } from '../../src/exchange/accessLog/purpose.table.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import { Confidence } from '../../src/platform/confidence.table.js'
import type { Database } from '../../src/platform/database.js'
import { partiesIn } from '../support/parties.js'

/** Logs accesses to the data of one subject. */
export async function lookingIn({ db }: Pick<Database, 'db'>, somebody?: string) {
  const subject = somebody ?? (await partiesIn({ db }).by(PartyKind.NATURAL_PERSON, IdentifierType.FIN, 'TEST001'))
  const [registry] = await db.select().from(registries).limit(1)

  async function purpose(secretFor: string | null): Promise<string> {
    const name = { az: 'sınaq', en: 'test', ru: 'тест' }
    const values = { code: `TEST_${v7()}`, name, secretFor, confidence: Confidence.UNKNOWN }
    const [row] = await db.insert(purposes).values(values).returning()
    return row!.id
  }
  const open = await purpose(null)

  const look = (changes: Partial<NewAccess> = {}): NewAccess => ({
    at: new Date(),
    kind: AccessKind.CALL,
    partyId: subject,
    actor: `person:${subject}`,
    actorPartyId: subject,
    mandateIds: [],
    registryId: registry!.id,
    fields: ['surname', 'address'],
    purposeId: open,
    outcome: AccessOutcome.SHOWN,
    ...changes,
  })
  const log = (...looked: NewAccess[]) => db.transaction((tx) => logAccesses(tx, looked))
  return { subject, registry: registry!, open, purpose, look, log }
}
