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

/** The party of the person with that FİN, made where there is none yet. */
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

type Appointment = Partial<typeof appointments.$inferInsert>
/** Inserts an appointment of whoever has that FİN, in force unless something else is said. Returns its id. */
export async function appointmentOf(
  database: TestDatabase,
  fin: string,
  agency: string,
  more: Appointment = {},
): Promise<string> {
  const [found] = await database.db.select().from(agencies).where(eq(agencies.code, agency))
  if (!found) throw new Error(`there is no agency ${agency}`)
  const id = v7()
  const inForce = { state: AppointmentState.ACTIVE, roles: [OfficerRole.REVIEWER], since, activeFrom: since }
  const row = { id, agencyId: found.id, partyId: await partyOfFin(database, fin), proposedBy: 'a test' }
  await database.db.insert(appointments).values({ ...row, ...inForce, ...more })
  return id
}

/** Makes a persona an officer of an agency. Returns the id of the appointment. */
export const appointed = (
  database: TestDatabase,
  persona: string,
  agency: string,
  roles: (keyof typeof OfficerRole)[],
): Promise<string> => appointmentOf(database, finOf(persona), agency, { roles: roles.map((role) => OfficerRole[role]) })

/** Headers of a request by a program, of some organisation where none is named. */
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
