import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { NIL, v7 } from 'uuid'
import type { ApplicationRole } from '../catalogue/services/applicationRole.table.js'
import { processes, TermEnd } from '../catalogue/services/process.table.js'
import { usualProcess } from '../catalogue/services/usualProcess.js'
import { keyIn } from '../engine/node.js'
import type { Acting } from '../events/commandKeys.js'
import { record } from '../events/record.js'
import { Power } from '../identity/mandates/mandate.table.js'
import { powersOver } from '../identity/mandates/powers.js'
import { OfficerRole } from '../identity/officers/appointment.table.js'
import { type Held, holdOffices, holdProgram } from '../identity/officers/holdOffices.js'
import { type Tie, tiesOf } from '../identity/officers/ownCase.js'
import { keyToEncrypt } from '../identity/parties/party.js'
import type { Database } from '../platform/database.js'
import type { Keyring } from '../platform/keyring.js'
import { encrypt } from '../platform/personal.js'
import type { Transaction } from '../platform/seeding.js'
import { Assurance } from '../shared/assurance.table.js'
import { assuranceErrorOf, type Caller, hasScope } from '../shared/context.js'
import { legalDate } from '../shared/time.js'
import { ApplicationState, applications } from './application.table.js'
import { applicationParties } from './applicationParty.table.js'
import { attachFiles } from './attachments/officerFiles.js'
import { subjectOf } from './casework/term.js'
import type { Process } from './drafts/form.repository.js'
import { withdrawOpinions } from './opinions/opinion.repository.js'
import { endChargesFor, raiseChargesFor } from './submission/charges.js'
import { dueAnew, payByOf } from './submission/payBy.js'
import { type ChangeOfDue, timelineEntries } from './timelineEntry.table.js'
import {
  awaitingOpinions,
  type CaseFacts,
  keepsProposal,
  type Owed,
  type Relation,
  type Transition,
} from './transition.rules.js'

export type Application = typeof applications.$inferSelect

/** An application that the caller may see, locked until the end of the transaction. */
export interface Case extends Related {
  process: Process
}

/**
 * Returns undefined if the caller may not see it. Throws STEP_UP_REQUIRED below its assurance level. Takes the same statements
 * for an invisible application and one that does not exist, so that nothing tells them apart.
 */
export async function lockCase(acting: Acting, id: string): Promise<Case | undefined> {
  const { tx, context } = acting
  const [application] = await tx
    .select()
    .from(applications)
    .where(eq(applications.id, keyIn(id, 'Application')))
    .for('update')
  const [known] = await relationsOf(acting, application ? [application] : [], { held: true })
  if (!application || !known || !isSeen(known)) return undefined
  const doubt = assuranceErrorInCase(context.caller, known.assurance)
  if (doubt) throw doubt
  return { ...known, process: known.process as Process } // read with the facts of one row
}
export const isSeen = ({
  application: { submittedAt, state },
  relation: { powers, powersOverOthers },
  under,
}: Related): boolean =>
  [Power.VIEW, Power.FILE].some((power) => powers.has(power) || powersOverOthers.has(power)) ||
  (under.under !== undefined && submittedAt !== null && state !== ApplicationState.AWAITING_PAYMENT)

export interface Moved {
  application: Application
  /** Decides where the transition leads. */
  facts: CaseFacts
  transition: Transition
  at: Date
  /** When it is recorded. Defaults to `at`. */
  recordedAt?: Date
  actor: string
  mandates?: readonly string[]
  officerId?: string | null
  /** Text of the timeline entry. */
  text?: string | null
  /** Keys of an officer's uploads, from `readFiles`, for the timeline entry. */
  files?: readonly string[]
  /** The decision that the timeline entry is about. */
  decisionId?: string
  due?: ChangeOfDue | undefined
  /** The transfer that the timeline entry tells of. */
  transferId?: string
  /** False if nothing changes that a decision depends on. Defaults to true. */
  revises?: boolean
  /** Further columns to set. */
  set?: Partial<typeof applications.$inferInsert>
  /** Further IDs for the event. */
  ids?: Record<string, string>
}

/**
 * Moves an application, and adds an event and, unless officers alone know of it, a timeline entry. The transaction must have locked the application. Only
 * `applicationCommand` and `applicationJob` use it.
 */
export async function move(tx: Transaction, keyring: Keyring, moved: Moved): Promise<Application> {
  const { application, facts, transition, at, actor } = moved
  const { id, state, revision } = application
  const to = transition.to(facts) ?? state
  const payBy = await payByOf(tx, moved, to)
  const [changed] = await tx
    .update(applications)
    .set({
      ...(payBy !== undefined && { payBy }),
      ...(application.proposalId && !keepsProposal.includes(to) && { proposalId: null }),
      ...moved.set,
      state: to,
      revision: moved.revises === false ? revision : revision + 1,
      changedAt: moved.recordedAt ?? at,
    })
    .where(and(eq(applications.id, id), eq(applications.state, state), eq(applications.revision, revision)))
    .returning()
  if (!changed) throw new Error(`the application ${id} must be locked by who moves it; it was moved by another`)
  const due = moved.due ?? (payBy ? { dueOn: legalDate(payBy), reason: 'term.payment' as const } : undefined)
  if (!transition.internal) await insertEntry(tx, keyring, { ...moved, due }, to)
  // Of the agency that has it now.
  await record(tx, [{ ...subjectOf(changed), type: transition.event, at, actor, ids: moved.ids ?? {} }])
  const recorded = { at: changed.changedAt, actor }
  const newlyDue = dueAnew(moved, to)
  if (newlyDue) await raiseChargesFor(tx, keyring, changed, { due: newlyDue, payBy: changed.payBy, ...recorded })
  if (to !== state) await endChargesFor(tx, changed, recorded)
  if (awaitingOpinions.includes(state) && !awaitingOpinions.includes(to)) await withdrawOpinions(tx, changed, recorded)
  const isAnew = moved.set?.answers !== undefined || (to === ApplicationState.DRAFT && state !== to)
  if (isAnew && facts.signedBy.length > 0) await endSignatures(tx, changed, { at, actor })
  return changed
}

/** Changes of several applications by one caller, without texts. */
interface MovedTogether extends Pick<Moved, 'at' | 'actor' | 'officerId'> {
  cases: readonly Pick<Moved, 'application' | 'facts' | 'transition' | 'ids'>[]
  set: Moved['set']
}

/** Moves several applications as `move` does each. The number of statements does not grow with them. */
export async function moveTogether(tx: Transaction, { cases, set, at, actor, officerId }: MovedTogether) {
  const moves = cases.map(({ application, facts, transition, ids = {} }) => {
    const { id, partyId, state } = application
    return { id, partyId, application, transition, ids, from: state, to: transition.to(facts) ?? state }
  })
  for (const to of new Set(moves.map((one) => one.to))) {
    const those = moves.filter((one) => one.to === to).map(({ id }) => id)
    const changed = await tx
      .update(applications)
      .set({ ...set, state: to, revision: sql`${applications.revision} + 1`, changedAt: at })
      .where(inArray(applications.id, those))
      .returning({ id: applications.id })
    if (changed.length !== those.length)
      throw new Error('applications must be locked by who moves them; one was not there')
  }
  const entries = moves.map(({ id, partyId, transition, from, to }) => ({
    id: v7(),
    applicationId: id,
    partyId,
    at,
    type: transition.event,
    fromState: from,
    toState: to,
    actor,
    officerId,
    mandateIds: [],
  }))
  await tx.insert(timelineEntries).values(entries)
  await record(
    tx,
    moves.map(({ application, transition, ids }) => ({
      ...subjectOf(application),
      type: transition.event,
      at,
      actor,
      ids,
    })),
  )
}

async function insertEntry(tx: Transaction, keyring: Keyring, moved: Moved, toState: ApplicationState): Promise<void> {
  const { application, transition, at, actor, mandates = [], officerId = null, text = null, due } = moved
  const { id: applicationId, partyId, state: fromState } = application
  const entry = {
    id: v7(),
    applicationId,
    partyId,
    at,
    type: transition.event,
    fromState,
    toState,
    actor,
    officerId,
    mandateIds: [...mandates],
    text,
    dueOn: due?.dueOn ?? null,
    dueReason: due?.reason ?? null,
    decisionId: moved.decisionId ?? null,
    transferId: moved.transferId ?? null,
  }
  await tx.insert(timelineEntries).values(
    text === null
      ? { ...entry, text: null }
      : // The cast: encrypt() returns the columns of that table.
        (encrypt(
          await keyToEncrypt(tx, keyring, partyId),
          timelineEntries,
          entry,
        ) as typeof timelineEntries.$inferInsert),
  )
  await attachFiles(tx, { applicationId, ofId: entry.id, files: moved.files ?? [] })
}

/** Ends the signatures over a content that has changed. */
async function endSignatures(
  tx: Transaction,
  application: Application,
  { at, actor }: Pick<Moved, 'at' | 'actor'>,
): Promise<void> {
  const { id: applicationId, partyId, state: toState } = application
  await tx.update(applicationParties).set({ signedAt: null }).where(eq(applicationParties.applicationId, applicationId))
  const ended = { at, actor, type: 'application.signatures_ended' }
  await tx
    .insert(timelineEntries)
    .values({ id: v7(), applicationId, partyId, fromState: toState, toState, mandateIds: [], ...ended })
  await record(tx, [{ ...subjectOf(application), ...ended, ids: {} }])
}

/** STEP_UP_REQUIRED below the assurance level of a case. Officers always require HIGH. */
export const assuranceErrorInCase = (caller: Caller, asked: Assurance): Error | undefined =>
  assuranceErrorOf(caller, caller.kind === 'OFFICER' ? Assurance.HIGH : asked)

export interface LoadedCase {
  facts: CaseFacts
  /** The applicant, and the co-applicants who have confirmed. */
  parties: string[]
  /** Whether the officer made a decision on the application. */
  hasDecided: boolean
  /** Whether the officer has opened it with a reason. */
  hasOpened: boolean
  /** The assurance level of its service. */
  assurance: Assurance
  /** The process of its version. Undefined in lists that bring their facts along, which need none. */
  process?: Process
}

/** An application with its standing and the relation of the caller. */
export interface Related extends LoadedCase {
  application: Application
  relation: Relation
  /** Mandates under which the caller acts for the applicant, or for a co-applicant. */
  mandates: readonly string[]
  /** IDs for an event: the appointment under which an officer acts, or the program that acts for the agency. */
  under: { under?: string }
}

/**
 * Applications with what transitions depend on, and the relation of the caller to each. The number of statements does not grow with the rows.
 * `viewerCan`, commands and readers of content all use this. `held` locks powers and appointments until the transaction ends.
 */
export async function relationsOf(
  { tx, context }: Acting,
  rows: readonly (Application & { facts?: Facts })[],
  { held }: { held: boolean },
): Promise<Related[]> {
  const { caller, now } = context
  const offices = await officesOf({ tx, context }, rows, held)
  const without = rows.filter(({ facts }) => facts === undefined)
  const haveAll = rows.length > 0 && without.length === 0
  // Also for no row, so that what does not exist takes the same statements as what is somebody else's.
  const read = haveAll ? new Map() : await loadCases(tx, without, { officerId: caller.party, at: now() })
  const loaded = new Map<string, LoadedCase>(
    rows.flatMap((row) => {
      const one = row.facts ? loadedCase(row, row.facts) : read.get(row.id)
      return one ? [[row.id, one]] : []
    }),
  )
  const parties = [...new Set([...loaded.values()].flatMap((one) => one.parties))]
  const powers = await powersOver({ tx, context }, parties, { held })
  const ties = caller.kind === 'OFFICER' ? await tiesOf(tx, caller.party, parties, now()) : new Map<string, Tie>()
  return rows.map((row): Related => {
    const known = loaded.get(row.id) as LoadedCase // of each row
    const authorities = known.parties.map((party) => powers(party, row.serviceCode))
    const [own, ...others] = authorities
    const office = offices.find(({ agencyId }) => agencyId === row.agencyId)
    const signing = known.parties.flatMap((party, at): [string, readonly string[]][] => {
      const mandates = authorities[at]?.get(Power.SIGN)
      return mandates ? [[party, mandates]] : []
    })
    const relation: Relation = {
      powers: new Set(own?.keys()),
      powersOverOthers: new Set(others.flatMap((authority) => [...authority.keys()])),
      isInvited: false,
      signsFor: new Map(
        signing.sort(([one], [other]) => Number(other === caller.party) - Number(one === caller.party)),
      ),
      hasOpened: known.hasOpened,
      hasDecided: known.hasDecided,
      ...rolesIn(office?.roles),
      isFinance: office?.roles.includes(OfficerRole.FINANCE) ?? false,
      isAssigned: row.officerId !== null && row.officerId === caller.party,
      isProgram: caller.kind === 'AGENCY_PROGRAM' && office !== undefined && hasScope(caller, 'cases:decide'),
      tie: known.parties.map((party) => ties.get(party)).find((tie) => tie !== undefined) ?? null,
    }
    const ways = [Power.FILE, Power.VIEW].flatMap((power) => authorities.map((authority) => authority.get(power)))
    const mandates = ways.find((way) => way !== undefined) ?? []
    const under = office?.id ? { under: office.id } : {}
    return { ...known, application: row, relation, mandates, under }
  })
}

/** Appointments as of the beginning of the request, or locked as they are now. A program of an agency is locked likewise. */
async function officesOf(
  { tx, context: { caller, now } }: Acting,
  rows: readonly Application[],
  held: boolean,
): Promise<readonly Held[]> {
  if (held && caller.kind === 'AGENCY_PROGRAM') return await holdProgram(tx, caller, now())
  if (!held || caller.kind !== 'OFFICER') return caller.offices
  return await holdOffices(
    tx,
    rows.map(({ agencyId }) => agencyId),
    caller.party,
  )
}

/** The ID of the appointment or program under which the caller may open a case at an agency, locked. Undefined if there is none. */
export async function holdCaseOffice(
  { tx, context: { caller, now } }: Acting,
  agencyId: string,
): Promise<string | undefined> {
  if (caller.kind === 'AGENCY_PROGRAM')
    return (await holdProgram(tx, caller, now())).find((held) => held.agencyId === agencyId)?.id
  const [office] = await holdOffices(tx, [agencyId], caller.party)
  return Object.values(rolesIn(office?.roles)).includes(true) ? office?.id : undefined
}

export const rolesIn = (roles: readonly string[] = []) => ({
  isReviewer: roles.includes(OfficerRole.REVIEWER),
  isApprover: roles.includes(OfficerRole.APPROVER),
})

/** As `factsSql` returns them. */
export interface Facts {
  unconfirmed: number
  confirmedBy: string[]
  unsigned: ApplicationRole[]
  signedBy: string[]
  owed: Owed
  handedOver: boolean
  hasProcess: boolean
  extension: number | null
  termEnd: TermEnd | null
  appealUntil: string | null
  objectionUntil: string | null
  appealed: boolean
  transfers: number
  hasDecided: boolean
  hasOpened: boolean
  assurance: Assurance
}

export async function loadCase(
  tx: Transaction,
  application: Application,
  officer?: Officer,
): Promise<Required<LoadedCase>> {
  const loaded = (await loadCases(tx, [application], officer)).get(application.id)
  if (!loaded) throw new Error(`the application ${application.id} must be locked; it is not there`)
  return loaded
}

interface Officer {
  officerId?: string
  at: Date
}
const noOfficer: Officer = { at: new Date(0) }
/** Applications with what transitions depend on, in one statement. Uses the rows as they were read. */
export async function loadCases(
  reading: Pick<Transaction | Database['db'], 'select'>,
  rows: readonly Application[],
  { officerId = NIL, at }: Officer = noOfficer,
): Promise<Map<string, Required<LoadedCase>>> {
  const ids = `{${rows.map(({ id }) => id).join()}}`
  const facts = factsSql(applications, sql`${officerId}`, sql`${at.toISOString()}`)
  const found = await reading
    .select({ id: applications.id, facts, process: processes })
    .from(applications)
    .leftJoin(processes, eq(processes.versionId, applications.versionId))
    .where(sql`${applications.id} = any(${ids}::uuid[])`)
  const byId = new Map(found.map((one) => [one.id, one]))
  return new Map(
    rows.flatMap((application): [string, Required<LoadedCase>][] => {
      const one = byId.get(application.id)
      return one
        ? [[application.id, { ...loadedCase(application, one.facts), process: one.process ?? usualProcess }]]
        : []
    }),
  )
}

/** What transitions of an application depend on beside its own columns, as one JSON value. */
export const factsSql = (
  { id, versionId, agencyId }: Pick<typeof applications, 'id' | 'versionId' | 'agencyId'>,
  officerId: SQL,
  at: SQL,
): SQL<Facts> => sql<Facts>`(
  select row_to_json("facts") from (
    select version.assurance, invited.unconfirmed, invited.confirmed_by as "confirmedBy",
      invited.unsigned, invited.signed_by as "signedBy",
      coalesce((
        select json_object_agg(due, amount) from (
          select fee.due, case when bool_or(fee.amount is null) then 'UNKNOWN' else 'AMOUNT' end as amount
          from application_fees fee left join charges charge on charge.id = fee.charge_id
          where fee.application_id = ${id} and charge.paid_at is null and fee.amount is distinct from 0
          group by fee.due) owed), '{}') as owed,
      version.automation = 'PARTIAL' and version.result = 'DOCUMENT' as "handedOver",
      processes.id is not null as "hasProcess", processes.extension,
      processes.term_end as "termEnd",
      last.appeal_until as "appealUntil", last.objection_until as "objectionUntil",
      exists (select from appeals where decision_id = last.id) as appealed,
      (select count(*)::int from application_transfers where application_id = ${id} and kind = 'COMPETENCE') as transfers,
      exists (
        select from decisions where application_id = ${id} and officer_id = ${officerId}::uuid
      ) as "hasDecided",
      exists (
        select from application_openings
        where application_id = ${id} and application_openings.officer_id = ${officerId}::uuid and application_openings.agency_id = ${agencyId}
          and until > ${at}::timestamptz
      ) as "hasOpened"
    from service_versions version
    left join processes on processes.version_id = version.id
    left join lateral (
      select id, appeal_until, objection_until from decisions where application_id = ${id} order by at desc, id desc limit 1
    ) last on true
    cross join lateral (
      select count(*) filter (where party_id is null)::int as unconfirmed,
        coalesce(array_agg(party_id) filter (where confirmed_at is not null), '{}') as confirmed_by,
        coalesce(array_agg(party_id) filter (where signed_at is not null), '{}') as signed_by,
        coalesce(array_agg(role order by role) filter (where signed_at is null and role = any(version.signers)), '{}') as unsigned
      from application_parties where application_id = ${id}
    ) invited
    where version.id = ${versionId}
  ) "facts")`

function loadedCase(
  { state, notBefore, decidedAt, officerId, dueAt, extendedAt, unsettled, partyId, proposalId }: Application,
  row: Facts,
): LoadedCase {
  const {
    unconfirmed,
    owed,
    handedOver,
    appealUntil,
    objectionUntil,
    appealed,
    transfers,
    hasProcess,
    extension,
    termEnd,
    confirmedBy,
    unsigned,
    signedBy,
    hasDecided,
    hasOpened,
    assurance,
  } = row
  return {
    facts: {
      state,
      notBefore,
      dueAt,
      unconfirmed,
      unsigned,
      signedBy,
      owed,
      handedOver,
      appealed,
      transfers,
      decided: decidedAt !== null,
      assigned: officerId !== null,
      proposed: proposalId !== null,
      extended: extendedAt !== null,
      unsettled: unsettled.length > 0,
      deemed: (termEnd ?? usualProcess.termEnd) !== TermEnd.ESCALATED,
      extendable: (hasProcess ? extension : usualProcess.extension) !== 0,
      appealUntil: appealUntil === null ? null : new Date(appealUntil),
      objectionUntil: objectionUntil === null ? null : new Date(objectionUntil),
    },
    parties: [partyId, ...confirmedBy],
    hasDecided,
    hasOpened,
    assurance,
  }
}
