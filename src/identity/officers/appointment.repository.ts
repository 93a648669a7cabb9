import { and, arrayContains, eq, getTableColumns, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../agencies/agency.table.js'
import { type Refused, refused } from '../../engine/command.js'
import { keyIn } from '../../engine/node.js'
import type { UserError } from '../../engine/userError.js'
import type { Acting } from '../../events/commandKeys.js'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import { IdentifierType, identifiers } from '../parties/identifier.table.js'
import { hashesOfIdentifier, partyNamedByOther } from '../parties/identifiers.js'
import { identities, SubjectKind } from '../parties/identity.table.js'
import { PartyKind, parties } from '../parties/party.table.js'
import { alreadyAppointed, operatorIsNoOfficer } from './appointment.rules.js'
import { AppointmentState, appointments, type EndReason, OfficerRole } from './appointment.table.js'

type Appointment = typeof appointments.$inferSelect

/** Serialises changes to the officers of an agency. */
const lockOfficersOf = (tx: Transaction, agencyId: string) =>
  tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`officers ${agencyId}`}, 0))`)

/** Locks the officers of an agency. Returns its ID, or undefined if no agency has the code. */
export async function lockOfficersIn(tx: Transaction, agencyCode: string): Promise<string | undefined> {
  const [agency] = await tx.select({ id: agencies.id }).from(agencies).where(eq(agencies.code, agencyCode))
  if (agency) await lockOfficersOf(tx, agency.id)
  return agency?.id
}

/** Locks an appointment and the officers of its agency. Runs the same statements for an unknown appointment and another's. */
export async function lockAppointment(tx: Transaction, id: string, isTheirs: SQL): Promise<Appointment | undefined> {
  const isMeant = and(eq(appointments.id, keyIn(id, 'Appointment')), isTheirs)
  const [found] = await tx.select({ agencyId: appointments.agencyId }).from(appointments).where(isMeant)
  if (!found) return undefined
  await lockOfficersOf(tx, found.agencyId)
  const [locked] = await tx.select().from(appointments).where(isMeant).for('update')
  return locked
}

/**
 * The active ADMINs of the agency, without forgotten persons. Requires the lock on the officers of the agency.
 */
export const adminsOf = (tx: Transaction, agencyId: string): Promise<Appointment[]> =>
  tx
    .select(getTableColumns(appointments))
    .from(appointments)
    .innerJoin(parties, eq(parties.id, appointments.partyId))
    .where(
      and(
        eq(appointments.agencyId, agencyId),
        eq(appointments.state, AppointmentState.ACTIVE),
        arrayContains(appointments.roles, [OfficerRole.ADMIN]),
        isNotNull(parties.key),
      ),
    )

/** The appointment of a person at the agency in one of these states. Requires the lock on the officers of the agency. */
export async function appointmentIn(
  tx: Transaction,
  states: readonly AppointmentState[],
  { agencyId, partyId }: Pick<Appointment, 'agencyId' | 'partyId'>,
): Promise<Appointment | undefined> {
  const isOfBoth = and(eq(appointments.agencyId, agencyId), eq(appointments.partyId, partyId))
  const [found] = await tx
    .select()
    .from(appointments)
    .where(and(isOfBoth, inArray(appointments.state, [...states])))
  return found
}

interface Named {
  agencyId: string
  fin: string
  /** States in which the person is not appointed again. */
  unless: readonly AppointmentState[]
}
/**
 * The party with that FİN, locked until the transaction ends, or why they cannot be appointed, together with the other
 * refusals. Creates the party if nobody has the FİN yet. Requires the lock on the officers of the agency.
 */
export async function partyToAppoint(
  { tx, context }: Acting,
  { agencyId, fin, unless }: Named,
  others: readonly UserError[],
): Promise<{ partyId: string } | Refused> {
  const identifier = { type: IdentifierType.FIN, value: fin }
  const { party } = await partyNamedByOther(tx, context.keyring, {
    kind: PartyKind.NATURAL_PERSON,
    identifier,
    createdAt: context.now(),
  })
  // The first sign-in of an operator takes the same lock, so that nobody becomes both.
  await tx.select({ id: parties.id }).from(parties).where(eq(parties.id, party)).for('update')
  const kinds = await tx.select({ kind: identities.kind }).from(identities).where(eq(identities.partyId, party))
  const existing = await appointmentIn(tx, unless, { agencyId, partyId: party })
  const isOperator = kinds.some(({ kind }) => kind === SubjectKind.OPERATOR)
  const own = isOperator ? [operatorIsNoOfficer] : existing ? [alreadyAppointed] : []
  return others.length + own.length > 0 ? refused([...others, ...own]) : { partyId: party }
}

/** Whether the party has this FİN. Creates no party. */
export async function isOfFin({ tx, context }: Acting, partyId: string, fin: string): Promise<boolean> {
  const hashes = hashesOfIdentifier(context.keyring, { type: IdentifierType.FIN, value: fin })
  const found = await tx
    .select({ id: identifiers.id })
    .from(identifiers)
    .where(and(eq(identifiers.partyId, partyId), inArray(identifiers.valueIndex, hashes)))
  return found.length > 0
}

type Fresh = Omit<typeof appointments.$inferInsert, 'id' | 'proposedBy' | 'createdAt'>

/** Inserts an appointment with its event, and returns its ID. */
export async function insertAppointment(acting: Acting, fresh: Fresh, what: string, more: Record<string, string>) {
  const { tx, context } = acting
  const row = { ...fresh, id: v7(), proposedBy: context.caller.id, createdAt: context.now() }
  await tx.insert(appointments).values(row)
  await recordAppointment(acting, row, what, more)
  return row.id
}

/** Changes a locked appointment. */
export async function markAppointment(
  tx: Transaction,
  { id, state }: Appointment,
  set: Partial<Appointment>,
): Promise<void> {
  const moved = await tx
    .update(appointments)
    .set(set)
    .where(and(eq(appointments.id, id), eq(appointments.state, state)))
    .returning({ id: appointments.id })
  if (moved.length !== 1) throw new Error(`the appointment ${id} was locked as ${state}, and is so no more`)
}

export async function endAppointment(
  acting: Acting,
  appointment: Appointment,
  endReason: EndReason,
  more: Record<string, string> = {},
): Promise<void> {
  const [endedAt, endedBy] = [acting.context.now(), acting.context.caller.id]
  await markAppointment(acting.tx, appointment, {
    state: AppointmentState.ENDED,
    codeHash: null,
    endedAt,
    endedBy,
    endReason,
  })
  await recordAppointment(acting, appointment, 'ended', { reason: endReason, ...more })
}

/** `appointment.<what>`. */
export const recordAppointment = (
  { tx, context }: Acting,
  { id, partyId, agencyId }: Pick<Appointment, 'id' | 'partyId' | 'agencyId'>,
  what: string,
  more: Record<string, string> = {},
) => {
  const event = { domain: 'identity', type: `appointment.${what}`, subject: id, partyId, agencyId, ids: more }
  return record(tx, [{ ...event, at: context.now(), actor: context.caller.id }])
}
