import { and, eq, inArray, sql } from 'drizzle-orm'
import { NIL } from 'uuid'
import { TermEnd } from '../catalogue/services/process.table.js'
import { usualProcess } from '../catalogue/services/usualProcess.js'
import type { Acting } from '../events/commandKeys.js'
import { Power } from '../identity/mandates/mandate.table.js'
import { powersOver } from '../identity/mandates/powers.js'
import { AppointmentState, appointments, OfficerRole } from '../identity/officers/appointment.table.js'
import { type Tie, tiesOf } from '../identity/officers/ownCase.js'
import type { Database } from '../platform/database.js'
import type { Transaction } from '../platform/seeding.js'
import type { Assurance } from '../shared/assurance.table.js'
import type { applications } from './application.table.js'
import type { PaymentTiming, Relation, Standing } from './transition.rules.js'

type Application = typeof applications.$inferSelect

export interface Stands {
  standing: Standing
  /** The applicant, and all who have confirmed it. */
  parties: string[]
  /** Whether the officer made a decision on it. */
  hasDecided: boolean
  /** Which its service asks for. */
  assurance: Assurance
}

/** How it stands with an application, and what the caller is to it. */
export interface Related extends Stands {
  relation: Relation
  /** Whether they see it because they confirmed it. */
  isCoApplicant: boolean
  /** Under which they act for the applicant. */
  mandates: readonly string[]
  /** Ids for an event: under which appointment an officer acts. */
  under: { under?: string }
}

/**
 * How it stands with applications, and what the caller is to each, in as many statements as for one: `viewerCan` and every
 * command go by this. Held: what the caller is, they stay until the command's transaction ends.
 */
export async function relationsOf(
  { tx, context }: Acting,
  rows: readonly Application[],
  { held }: { held: boolean },
): Promise<Map<string, Related>> {
  const { caller, now } = context
  const powers = await powersOver({ tx, context }, [...new Set(rows.map(({ partyId }) => partyId))], { held })
  const offices = await officesOf({ tx, context }, rows, held)
  const stands = await standsOf(tx, rows, caller.party)
  const parties = [...new Set([...stands.values()].flatMap((one) => one.parties))]
  const ties =
    caller.kind === 'OFFICER' ? await tiesOf(tx, caller.party as string, parties, now()) : new Map<string, Tie>() // officers have one
  return new Map(
    rows.map((row): [string, Related] => {
      const known = stands.get(row.id) as Stands // of each row
      const authority = powers(row.partyId, row.serviceCode)
      const office = offices.find(({ agencyId }) => agencyId === row.agencyId)
      const relation: Relation = {
        powers: new Set(authority.keys()),
        isInvited: false,
        hasDecided: known.hasDecided,
        ...rolesIn(office?.roles),
        isAssigned: row.officerId !== null && row.officerId === caller.party,
        tie: known.parties.map((party) => ties.get(party)).find((tie) => tie !== undefined) ?? null,
      }
      const isCoApplicant = known.parties.some((party) => party === caller.party && party !== row.partyId)
      const mandates = authority.get(Power.FILE) ?? authority.get(Power.VIEW) ?? []
      return [row.id, { ...known, relation, isCoApplicant, mandates, under: office?.id ? { under: office.id } : {} }]
    }),
  )
}

interface Held {
  id?: string
  agencyId: string
  roles: readonly string[]
}
/** As the request says it, or held as the database has it now. */
async function officesOf(
  { tx, context: { caller } }: Acting,
  rows: readonly Application[],
  held: boolean,
): Promise<readonly Held[]> {
  if (!held || caller.kind !== 'OFFICER') return caller.offices
  return await holdOffices(
    tx,
    rows.map(({ agencyId }) => agencyId),
    caller.party,
  )
}

/** What somebody is at these agencies, which they then are until the transaction ends. */
export async function holdOffices(tx: Transaction, agencyIds: readonly string[], partyId: string = NIL) {
  const { id, agencyId, roles } = appointments
  const areTheirs = and(
    inArray(agencyId, [...agencyIds]),
    eq(appointments.partyId, partyId),
    eq(appointments.state, AppointmentState.ACTIVE),
  )
  return await tx.select({ id, agencyId, roles }).from(appointments).where(areTheirs).for('share')
}
export const rolesIn = (roles: readonly string[] = []) => ({
  isReviewer: roles.includes(OfficerRole.REVIEWER),
  isApprover: roles.includes(OfficerRole.APPROVER),
})

interface Row extends Record<string, unknown> {
  id: string
  unconfirmed: number
  confirmedBy: string[]
  payment: PaymentTiming
  isTold: boolean
  extensionValue: number | null
  termEnd: TermEnd | null
  appealUntil: string | null
  appealed: boolean
  hasDecided: boolean
  assurance: Assurance
}

/** How it stands with applications, in one statement; what was read of them stands in their rows. */
export async function standsOf(
  reading: Pick<Transaction | Database['db'], 'execute'>,
  rows: readonly Application[],
  officerId: string | undefined,
): Promise<Map<string, Stands>> {
  const ids = `{${rows.map(({ id }) => id).join()}}`
  const counted = await reading.execute<Row>(sql`
    select applications.id, version.assurance, invited.unconfirmed, invited.confirmed_by as "confirmedBy",
      coalesce((
        select case when bool_or(due = 'BEFORE_PROCESSING') then 'BEFORE' when bool_or(due = 'AFTER_APPROVAL') then 'AFTER' end
        from fees where version_id = applications.version_id and amount is distinct from 0), 'NONE') as payment,
      processes.id is not null as "isTold", processes.extension_value as "extensionValue",
      processes.term_end as "termEnd",
      last.appeal_until as "appealUntil",
      exists (select from appeals where decision_id = last.id) as appealed,
      exists (
        select from decisions where application_id = applications.id and officer_id = ${officerId ?? NIL}::uuid
      ) as "hasDecided"
    from applications
    join service_versions version on version.id = applications.version_id
    left join processes on processes.version_id = applications.version_id
    left join lateral (
      select id, appeal_until from decisions where application_id = applications.id order by at desc, id desc limit 1
    ) last on true
    cross join lateral (
      select count(*) filter (where confirmed_at is null)::int as unconfirmed,
        coalesce(array_agg(party_id) filter (where party_id is not null), '{}') as confirmed_by
      from co_applicants where application_id = applications.id
    ) invited
    where applications.id = any(${ids}::uuid[])`)
  const byId = new Map(counted.map((row) => [row.id, row]))
  return new Map(
    rows.flatMap((application): [string, Stands][] => {
      const row = byId.get(application.id)
      return row ? [[application.id, standOf(application, row)]] : []
    }),
  )
}

function standOf(
  { state, notBefore, decidedAt, officerId, dueAt, extendedAt, partyId }: Application,
  row: Row,
): Stands {
  const {
    unconfirmed,
    payment,
    appealUntil,
    appealed,
    isTold,
    extensionValue,
    termEnd,
    confirmedBy,
    hasDecided,
    assurance,
  } = row
  return {
    standing: {
      state,
      notBefore,
      dueAt,
      unconfirmed,
      payment,
      appealed,
      decided: decidedAt !== null,
      assigned: officerId !== null,
      extended: extendedAt !== null,
      deemed: (termEnd ?? usualProcess.termEnd) !== TermEnd.ESCALATED,
      extendable: (isTold ? extensionValue : usualProcess.extensionValue) !== null,
      appealUntil: appealUntil === null ? null : new Date(appealUntil),
    },
    parties: [partyId, ...confirmedBy],
    hasDecided,
    assurance,
  }
}
