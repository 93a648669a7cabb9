import { eq } from 'drizzle-orm'
import type { JWTPayload } from 'jose'
import { nodeIdOf } from '../../src/engine/node.js'
import { events } from '../../src/events/event.table.js'
import { hashOfCode } from '../../src/identity/officers/acceptanceCode.js'
import {
  AppointmentState,
  appointments,
  type EndReason,
  OfficerRole,
} from '../../src/identity/officers/appointment.table.js'
import { newCode } from '../../src/shared/code.js'
import { apiOf } from './api.js'
import { appointed, appointmentOf } from './appointed.js'
import { commanding } from './commanding.js'
import { cloneDatabase } from './database.js'
import { keyOf } from './keyOf.js'
import { as } from './tokens.js'

export type Headers = Record<string, string>
let fins = 200
export const freshFin = () => `TEST${++fins}`
/** Headers of whoever has that FİN, signed in as an officer. */
export const officerOf = (fin: string, claims: JWTPayload = {}) =>
  as('officer', { sub: `officer-${fin}`, fin, name: `Name of ${fin}`, ...claims })
export const appointmentId = (key: string) => nodeIdOf('Appointment', key)

/** An API with officers at DVX (a reviewer and an ADMIN) and DMX (an ADMIN). Call it at the top of the file. */
export async function officersOf() {
  const database = await cloneDatabase()
  const { db } = database
  const ask = await apiOf(database)
  const send = commanding(ask)
  const standing = {
    reviewer: await appointed(database, 'officer', 'DVX', ['REVIEWER']),
    admin: await appointed(database, 'senior-officer', 'DVX', ['ADMIN']),
    other: await appointed(database, 'other-officer', 'DMX', ['ADMIN']),
  }
  const operator = await as('operator')
  const secondOperator = await as('second-operator')
  const admin = await as('senior-officer')

  /** The code of the error, or the reason of the first error, or `done`. */
  async function outcomeOf(headers: Headers, name: string, input: object): Promise<string> {
    const { code, reasons } = await send(headers, name, input, 'appointment { id }')
    return code ?? reasons[0] ?? 'done'
  }

  interface Proposal {
    agency?: string
    replacing?: EndReason
  }
  const proposal = { roles: [OfficerRole.ADMIN], activeFrom: null }
  /** Inserts a proposal of an ADMIN by an operator who never signs in. */
  const proposed = async (fin: string, { agency = 'DIN', replacing }: Proposal = {}): Promise<string> => {
    const row = { ...proposal, state: AppointmentState.PROPOSED, replacing: replacing ?? null, createdAt: new Date() }
    return appointmentId(await appointmentOf(database, fin, agency, row))
  }
  /** Inserts a proposal that a second operator has confirmed. */
  async function confirmed(fin: string, { agency = 'DIN', replacing }: Proposal = {}) {
    const code = newCode()
    const confirmation = { state: AppointmentState.CONFIRMED, confirmedBy: 'another test', codeHash: hashOfCode(code) }
    const row = { ...proposal, ...confirmation, replacing: replacing ?? null, createdAt: new Date() }
    return { appointmentId: appointmentId(await appointmentOf(database, fin, agency, row)), code }
  }
  /** Inserts an officer of an agency. */
  const serving = async (fin: string, agency = 'DVX', roles = [OfficerRole.REVIEWER]): Promise<string> =>
    appointmentId(await appointmentOf(database, fin, agency, { roles, createdAt: new Date() }))
  const accept = async (fin: string, confirmed: { appointmentId: string; code: string }) =>
    outcomeOf(await officerOf(fin), 'acceptAppointment', confirmed)

  /** Ends the appointments at an agency, so that it may get a first ADMIN. */
  const leaveWithoutOfficers = (agency: string) => database.client`
    update appointments set state = 'ENDED', ended_at = now() where state = 'ACTIVE' and agency_id = (
      select id from agencies where code = ${agency})`

  async function rowOf(id: string): Promise<typeof appointments.$inferSelect> {
    const [row] = await db
      .select()
      .from(appointments)
      .where(eq(appointments.id, keyOf(id)))
    if (!row) throw new Error(`there is no appointment ${id}`)
    return row
  }
  const eventsOf = (id: string) =>
    db
      .select({ type: events.type, ids: events.ids })
      .from(events)
      .where(eq(events.subject, keyOf(id)))
      .orderBy(events.id)
  return {
    database,
    ask,
    send,
    standing,
    operator,
    secondOperator,
    admin,
    outcomeOf,
    proposed,
    confirmed,
    serving,
    accept,
    leaveWithoutOfficers,
    rowOf,
    eventsOf,
  }
}
