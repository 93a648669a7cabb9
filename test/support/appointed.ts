import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../src/agencies/agency.table.js'
import { AppointmentState, appointments, OfficerRole } from '../../src/identity/appointment.table.js'
import { clients } from '../../src/identity/client.table.js'
import { IdentifierType } from '../../src/identity/identifier.table.js'
import { partyBy } from '../../src/identity/identifiers.js'
import { oauthPayloads } from '../../src/identity/oauthPayload.table.js'
import { PartyKind } from '../../src/identity/party.table.js'
import { digestOf } from '../../src/identity/secret.js'
import type { ProgramScope } from '../../src/shared/context.js'
import type { TestDatabase } from './database.js'
import { personaOf } from './personas.js'
import { keyringOfFile } from './server.js'

const since = new Date('2026-01-01T00:00:00Z')

/** The party with that FİN, as the servers of this file know it. */
export const partyOfFin = (database: TestDatabase, value: string): Promise<string> =>
  database.db.transaction(async (tx) => {
    const identifiers = [{ type: IdentifierType.FIN, value }]
    return (await partyBy(tx, keyringOfFile, { kind: PartyKind.NATURAL_PERSON, identifiers, since })).party
  })

export const finOf = (persona: string): string => {
  const { fin } = personaOf(persona)
  if (!fin) throw new Error(`the persona ${persona} has no FİN`)
  return fin
}

/** An officer of an agency, whoever appointed them. Gives the appointment's id. */
export async function appointed(
  database: TestDatabase,
  persona: string,
  agency: string,
  roles: (keyof typeof OfficerRole)[],
): Promise<string> {
  const [found] = await database.db.select().from(agencies).where(eq(agencies.code, agency))
  if (!found) throw new Error(`there is no agency ${agency}`)
  const id = v7()
  await database.db.insert(appointments).values({
    ...{ id, agencyId: found.id, partyId: await partyOfFin(database, finOf(persona)), since, activeFrom: since },
    ...{ roles: roles.map((role) => OfficerRole[role]), state: AppointmentState.ACTIVE, proposedBy: 'a test' },
  })
  return id
}

/** What a program of some organisation sends. */
export async function asProgram(
  database: TestDatabase,
  { party, scopes = ['catalogue:read'] }: { party?: string; scopes?: ProgramScope[] } = {},
): Promise<{ authorization: string }> {
  const [id, token] = [v7(), `token-of-${v7()}`]
  const partyId = party ?? (await partyOfFin(database, 'TEST900'))
  const expiresAt = new Date('2100-01-01T00:00:00Z')
  const program = { name: 'A program', scopes, secretHash: digestOf('a secret') }
  await database.db.insert(clients).values({ id, partyId, ...program, registeredBy: 'a test', since, expiresAt })
  const payload = { clientId: id, scope: scopes.join(' ') }
  await database.db
    .insert(oauthPayloads)
    .values({ model: 'ClientCredentials', idHash: digestOf(token), payload, expiresAt })
  return { authorization: `Bearer ${token}` }
}
