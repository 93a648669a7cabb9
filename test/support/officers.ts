import { eq } from 'drizzle-orm'
import type { JWTPayload } from 'jose'
import { nodeIdOf, parseNodeId } from '../../src/engine/nodeId.js'
import { events } from '../../src/events/event.table.js'
import { appointments } from '../../src/identity/appointment.table.js'
import { apiOf } from './api.js'
import { appointed, asProgram } from './appointed.js'
import { cloneDatabase } from './database.js'
import { as } from './tokens.js'

export type Headers = Record<string, string>
/** One who signs in as an officer, by a FİN alone. */
export const officerOf = (fin: string, claims: JWTPayload = {}) =>
  as('officer', { sub: `officer-${fin}`, fin, name: `Name of ${fin}`, ...claims })
export const appointmentId = (key: string) => nodeIdOf('Appointment', key)
export const unverified = { acr: 'urn:pencere:sandbox:substantial' }

let count = 0
export const freshFin = () => `TEST${String(200 + ++count)}`

/** An API with three officers, whoever may call it, and the commands about them. Call it at the top of the file. */
export async function officersOf() {
  const database = await cloneDatabase()
  const { db } = database
  const ask = await apiOf(database)
  const standing = {
    reviewer: await appointed(database, 'officer', 'DVX', ['REVIEWER']),
    admin: await appointed(database, 'senior-officer', 'DVX', ['ADMIN']),
    other: await appointed(database, 'other-officer', 'DMX', ['ADMIN']),
  }
  const program = await asProgram(database)
  const callers = {
    nobody: async (): Promise<Headers> => ({}),
    'a citizen': () => as('citizen'),
    'a program': async () => program,
    'an auditor': () => as('auditor'),
    'an officer of the agency': () => as('officer'),
    'the ADMIN of another agency': () => as('other-officer'),
    'the ADMIN': () => as('senior-officer'),
    'an operator': () => as('operator'),
    'a second operator': () => as('second-operator'),
  }

  async function send(headers: Headers, name: string, input: object, selection = 'appointment { id state }') {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`
    const { data, errors } = await ask(
      `mutation ($input: ${type}) { ${name}(input: $input) { ${selection} userErrors { code reason field message } replayed } }`,
      { variables: { input: { idempotencyKey: `a-key-of-a-test-${++count}`, ...input } }, headers, language: 'en' },
    )
    return { ...data?.[name], error: errors?.[0] }
  }
  /** The code of the error, or the reason of the first thing to mend, or that it was done. */
  async function told(headers: Headers | Promise<Headers>, name: string, input: object): Promise<string> {
    const { error, userErrors } = await send(await headers, name, input)
    return error?.extensions.code ?? userErrors[0]?.reason ?? 'done'
  }

  async function propose(fin: string, agency = 'DIN', more: object = {}): Promise<{ id: string }> {
    const answer = await send(await callers['an operator'](), 'proposeAdmin', { agency, fin, ...more })
    if (!answer.appointment) throw new Error(`nobody was proposed: ${JSON.stringify(answer)}`)
    return { id: answer.appointment.id }
  }
  /** Proposed, and confirmed by another, who was told the code. */
  async function confirmed(fin: string, agency = 'DIN', more: object = {}): Promise<{ id: string; code: string }> {
    const { id } = await propose(fin, agency, more)
    const input = { appointment: id, fin, ...more }
    const answer = await send(await callers['a second operator'](), 'confirmAdmin', input, 'appointment { id } code')
    if (!answer.code) throw new Error(`it was not confirmed: ${JSON.stringify(answer)}`)
    return { id, code: answer.code }
  }
  const accept = async (fin: string, { id, code }: { id: string; code: string }) =>
    told(officerOf(fin), 'acceptAppointment', { appointment: id, code })
  /** The agency has nobody again who would stand in the way of a first ADMIN. */
  const leaveWithoutOfficers = (agency: string) => database.client`
    update appointments set state = 'ENDED', ended_at = now() where state = 'ACTIVE' and agency_id = (
      select id from agencies where code = ${agency})`
  async function appointedAtDvx(fin = freshFin(), roles = ['REVIEWER']): Promise<string> {
    const answer = await send(await callers['the ADMIN'](), 'appointOfficer', { agency: 'DVX', fin, roles })
    return answer.appointment.id
  }

  const keyOf = (id: string) => parseNodeId(id)?.key as string // of an appointment
  async function rowOf(id: string): Promise<typeof appointments.$inferSelect> {
    const [row] = await db
      .select()
      .from(appointments)
      .where(eq(appointments.id, keyOf(id)))
    if (!row) throw new Error(`there is no appointment ${id}`)
    return row
  }
  async function eventsOf(id: string): Promise<string[]> {
    const rows = await db
      .select()
      .from(events)
      .where(eq(events.subject, keyOf(id)))
      .orderBy(events.id)
    return rows.map(({ type }) => type)
  }
  return {
    ...{ database, ask, standing, callers, send, told, propose, confirmed, accept, leaveWithoutOfficers },
    ...{ appointedAtDvx, keyOf, rowOf, eventsOf },
  }
}
