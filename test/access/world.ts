import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, inArray } from 'drizzle-orm'
import { v7 } from 'uuid'
import { nodeIdOf } from '../../src/engine/nodeId.js'
import { appointments, OfficerRole } from '../../src/identity/appointment.table.js'
import { clients } from '../../src/identity/client.table.js'
import { IdentifierType, identifiers } from '../../src/identity/identifier.table.js'
import { hashesOfIdentifier, partyBy } from '../../src/identity/identifiers.js'
import { MandateKind, MandateSource, mandates, Power } from '../../src/identity/mandate.table.js'
import { oauthPayloads } from '../../src/identity/oauthPayload.table.js'
import { PartyKind } from '../../src/identity/party.table.js'
import { digestOf } from '../../src/identity/secret.js'
import { type Persona, personasOf, programsOf } from '../../src/sandbox/personas.js'
import { seedPersonas } from '../../src/sandbox/seedPersonas.js'
import { type Answer, apiOf } from '../support/api.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { as } from '../support/tokens.js'

export type World = Awaited<ReturnType<typeof openWorld>>
export const personas = (): string[] => ['nobody', ...[...personasOf(), ...programsOf()].map(({ name }) => name)]

const keyring = keyringOfTest()
const database = await cloneDatabase()
const { db } = database
const ask = await apiOf(database, { keyring })

/** The sandbox's personas, each somebody already. */
export async function openWorld() {
  const dataDir = mkdtempSync(join(tmpdir(), 'pencere-access-'))
  await seedPersonas(database, keyring, { dataDir })
  rmSync(dataDir, { recursive: true })
  const callers = new Map<string, WhoIs>([['nobody', { kind: 'NOBODY', scopes: [], adminOf: [], headers: {} }]])
  for (const persona of personasOf()) callers.set(persona.name, await whoIsPerson(persona))
  for (const { name, id } of programsOf()) callers.set(name, await whoIsProgram(id))
  const whoIs = (persona: string): WhoIs => {
    const found = callers.get(persona)
    if (!found) throw new Error(`there is no persona ${persona}`)
    return found
  }
  const askAs = (persona: string, { query, variables }: { query: string; variables: object }): Promise<Answer> =>
    ask(query, { variables: { ...variables }, language: 'en', headers: whoIs(persona).headers })
  return { askAs, whoIs, db, company: await companyOf(callers.get('filing-client')?.party as string) } // made above
}

/** With a program and a mandate that nobody needs, for those who may revoke them. */
async function companyOf(party: string) {
  const at = new Date()
  const identifier = { type: IdentifierType.FIN, value: 'TEST098' }
  const holder = await db.transaction((tx) =>
    partyBy(tx, keyring, { kind: PartyKind.NATURAL_PERSON, identifiers: [identifier], since: at }),
  )
  const mandate = { id: v7(), principalId: party, holderId: holder.party, kind: MandateKind.DELEGATE, since: at }
  const asRegistered = { powers: [Power.PAY], source: MandateSource.REGISTER, validFrom: at }
  await db.insert(mandates).values({ ...mandate, ...asRegistered })
  const client = { id: v7(), partyId: party, name: 'spare', scopes: ['catalogue:read'], secretHash: digestOf('secret') }
  await db
    .insert(clients)
    .values({ ...client, registeredBy: 'a test', since: at, expiresAt: new Date(at.getTime() + 1e9) })
  return {
    party: nodeIdOf('Party', party),
    mandate: nodeIdOf('Mandate', mandate.id),
    client: nodeIdOf('Client', client.id),
  }
}

interface WhoIs {
  kind: 'NOBODY' | 'PERSON' | 'PROGRAM' | 'OFFICER' | 'OPERATOR' | 'AUDITOR'
  party?: string
  program?: string
  scopes: readonly string[]
  /** Agencies. */
  adminOf: string[]
  headers: Record<string, string>
}

async function whoIsPerson({ name, kind, fin, document }: Persona): Promise<WhoIs> {
  const identifier = fin
    ? { type: IdentifierType.FIN, value: fin }
    : { type: IdentifierType.DOCUMENT, value: `${document?.country}:${document?.number}` }
  const hashes = hashesOfIdentifier(keyring, identifier)
  const [row] = await db.select().from(identifiers).where(inArray(identifiers.valueIndex, hashes))
  const partyId = row?.partyId as string // whom the sandbox has made
  const held = await db.select().from(appointments).where(eq(appointments.partyId, partyId))
  const adminOf = held.filter(({ roles, state }) => state === 'ACTIVE' && roles.includes(OfficerRole.ADMIN))
  const isPerson = kind === 'CITIZEN' || kind === 'FOREIGNER' || kind === 'STATELESS'
  return {
    ...{ kind: isPerson ? 'PERSON' : kind, party: partyId, scopes: [], headers: await as(name) },
    adminOf: kind === 'OFFICER' ? adminOf.map(({ agencyId }) => agencyId) : [],
  }
}

/** With a token as the endpoint gives one, with all scopes of the program. */
async function whoIsProgram(id: string): Promise<WhoIs> {
  const [client] = await db.select().from(clients).where(eq(clients.id, id))
  const { partyId, scopes } = client as NonNullable<typeof client> // whom the sandbox has made
  const token = randomBytes(32).toString('base64url')
  const payload = { clientId: id, scope: scopes.join(' ') }
  const expiresAt = new Date(Date.now() + 600_000)
  await db.insert(oauthPayloads).values({ model: 'ClientCredentials', idHash: digestOf(token), payload, expiresAt })
  const headers = { authorization: `Bearer ${token}` }
  return { kind: 'PROGRAM', party: partyId, program: id, scopes, adminOf: [], headers }
}
