import { eq, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../src/agencies/agency.table.js'
import { AppointmentState, appointments, OfficerRole } from '../../src/identity/officers/appointment.table.js'
import { IdentifierType } from '../../src/identity/parties/identifier.table.js'
import type { TestDatabase } from './database.js'
import { partiesIn } from './parties.js'
import { finOf } from './personas.js'

export { finOf } from './personas.js'
export { asProgram } from './programs.js'

const createdAt = new Date('2026-01-01T00:00:00Z')

/** The party of the person with that FİN, made where there is none yet. */
export const partyOfFin = (database: TestDatabase, fin: string): Promise<string> =>
  partiesIn(database).by('NATURAL_PERSON', IdentifierType.FIN, fin)

type Appointment = Partial<typeof appointments.$inferInsert>
/** Inserts an appointment of whoever has that FİN, by default in force. Returns its id. */
export async function appointmentOf(
  database: TestDatabase,
  fin: string,
  agency: string,
  more: Appointment = {},
): Promise<string> {
  const id = v7()
  const agencyId = sql`(select ${agencies.id} from ${agencies} where ${eq(agencies.code, agency)})`
  const inForce = { state: AppointmentState.ACTIVE, roles: [OfficerRole.REVIEWER], createdAt, activeFrom: createdAt }
  const row = { id, agencyId, partyId: await partyOfFin(database, fin), proposedBy: 'a test' }
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
