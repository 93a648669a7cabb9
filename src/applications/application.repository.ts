import { and, count, desc, eq, isNull, sql } from 'drizzle-orm'
import { NIL, v7 } from 'uuid'
import { type Refused, refused } from '../engine/command.js'
import { parseNodeId } from '../engine/nodeId.js'
import type { Mistake } from '../engine/userError.js'
import type { Acting } from '../events/commandKeys.js'
import { record } from '../events/record.js'
import { OfficerRole } from '../identity/appointment.table.js'
import { Power } from '../identity/mandate.table.js'
import { agenciesOf } from '../identity/offices.js'
import { keyToSeal } from '../identity/party.js'
import { findAuthorityOver } from '../identity/powers.js'
import { seal } from '../shared/personal.js'
import type { Transaction } from '../shared/seeding.js'
import {
  type ApplicationState,
  appeals,
  applications,
  coApplicants,
  decisions,
  timelineEntries,
} from './application.table.js'
import { type Process, processOf } from './form.repository.js'
import { type Action, notNow, type Relation, type Standing, transitionOf } from './transition.rules.js'

export type Application = typeof applications.$inferSelect

/** An application that the caller may see, locked until the end of the transaction, and what they are to it. */
export interface Case {
  application: Application
  process: Process
  standing: Standing
  relation: Relation
  /** Under which they act for the applicant. */
  mandates: readonly string[]
}

export const unknownApplication: Mistake = {
  ...{ code: 'NOT_FOUND', reason: 'application.unknown', field: ['application'] },
  message: {
    az: 'Belə müraciət yoxdur.',
    en: 'There is no such application.',
    ru: 'Такого заявления нет.',
  },
}
const overtaken: Mistake = {
  ...{ code: 'CONFLICT', reason: 'application.changed', field: ['revision'] },
  message: {
    az: 'Müraciət bu arada dəyişib: indiki halına baxın və yenidən qərar verin.',
    en: 'The application has changed meanwhile: look at it as it is now, and decide anew.',
    ru: 'Заявление тем временем изменилось: посмотрите его снова и решите заново.',
  },
}

export const applicationKey = (id: string): string => {
  const parsed = parseNodeId(id)
  return parsed?.type === 'Application' ? parsed.key : NIL
}

/** Undefined for whoever may not see it; the same is asked of the database where it is another's and where it never was. */
export async function lockCase(acting: Acting, id: string): Promise<Case | undefined> {
  const { tx, context } = acting
  const [found] = await tx
    .select()
    .from(applications)
    .where(eq(applications.id, applicationKey(id)))
    .for('update')
  const authority = await authorityIn(acting, found)
  const [invited] = await tx
    .select({ id: coApplicants.id })
    .from(coApplicants)
    .where(and(eq(coApplicants.applicationId, found?.id ?? NIL), eq(coApplicants.partyId, context.caller.party ?? NIL)))
  const roles = rolesIn(acting, found)
  const isSeen = authority.powers.has(Power.VIEW) || authority.powers.has(Power.FILE) || invited || roles.sees
  if (!found || !isSeen) return undefined
  const process = await processOf(tx, found.versionId)
  const { standing, hasDecided } = await standingOf(acting, found, process)
  const { isReviewer, isApprover, isAssigned } = roles
  const relation = { ...authority, isInvited: false, isReviewer, isApprover, isAssigned, hasDecided }
  return { application: found, process, standing, relation, mandates: authority.mandates }
}

async function authorityIn(acting: Acting, found: Application | undefined) {
  const { kind } = acting.context.caller
  const powers = new Set<Power>()
  let mandates: readonly string[] = []
  if (kind !== 'PERSON' && kind !== 'PROGRAM') return { powers, mandates }
  const [party, service] = [found?.partyId ?? NIL, found?.serviceCode ?? '']
  for (const power of [Power.VIEW, Power.FILE]) {
    const scope = power === Power.FILE ? 'filings:write' : 'applications:read'
    const authority = await findAuthorityOver(acting, party, { power, service, scope })
    if (!authority) continue
    powers.add(power)
    mandates = authority.mandates
  }
  return { powers, mandates }
}

function rolesIn({ context: { caller } }: Acting, found: Application | undefined) {
  const isOf = (role?: OfficerRole) =>
    caller.kind === 'OFFICER' && agenciesOf(caller, role).includes(found?.agencyId ?? NIL)
  const isSubmitted = found?.submittedAt != null
  return {
    sees: isOf() && isSubmitted,
    isReviewer: isOf(OfficerRole.REVIEWER),
    isApprover: isOf(OfficerRole.APPROVER),
    isAssigned: found?.officerId != null && found.officerId === caller.party,
  }
}

async function standingOf({ tx, context }: Acting, application: Application, { payment }: Process) {
  const { id, state, notBefore, decidedAt } = application
  const [waiting] = await tx
    .select({ unconfirmed: count() })
    .from(coApplicants)
    .where(and(eq(coApplicants.applicationId, id), isNull(coApplicants.confirmedAt)))
  const [last] = await tx
    .select({ officerId: decisions.officerId, appealUntil: decisions.appealUntil, appealId: appeals.id })
    .from(decisions)
    .leftJoin(appeals, eq(appeals.decisionId, decisions.id))
    .where(eq(decisions.applicationId, id))
    .orderBy(desc(decisions.at), desc(decisions.id))
    .limit(1)
  const standing: Standing = {
    ...{ state, payment, notBefore, unconfirmed: waiting?.unconfirmed ?? 0, decided: decidedAt !== null },
    ...{ appealUntil: last?.appealUntil ?? null, appealed: last?.appealId != null },
  }
  return { standing, hasDecided: last?.officerId != null && last.officerId === context.caller.party }
}

/** What the caller wants to do to it, or all that is in the way. They say which revision they saw. */
export async function caseFor(
  acting: Acting,
  { application: id, revision }: { application: string; revision?: number | null },
  action: Action,
): Promise<(Case & { transition: Exclude<ReturnType<typeof transitionOf>, { refused: unknown }> }) | Refused> {
  const found = await lockCase(acting, id)
  if (!found) return refused([unknownApplication])
  if (revision != null && revision !== found.application.revision) return refused([overtaken])
  const transition = transitionOf(action, found.standing, found.relation, acting.context.now())
  if ('refused' in transition) return refused([notNow(transition.refused)])
  return { ...found, transition }
}

interface Moved {
  application: Application
  /** Null: it stays. */
  to: ApplicationState | null
  event: string
  at: Date
  actor: string
  mandates?: readonly string[]
  officerId?: string | null
  /** What was written, for people. */
  text?: string | null
  due?: { dueOn: string | null; reason: string }
  /** Beside the state. */
  set?: Partial<typeof applications.$inferInsert>
  /** For the event, beside what the application itself leads to. */
  ids?: Record<string, string>
}

/** Its new state, the line in its timeline, and the event, in the transaction that has it locked. */
export async function move(tx: Transaction, keyring: Acting['context']['keyring'], moved: Moved): Promise<void> {
  const {
    application,
    to,
    event,
    at,
    actor,
    mandates = [],
    officerId = null,
    text = null,
    due,
    set = {},
    ids = {},
  } = moved
  const { id, partyId, agencyId, state, revision } = application
  const changed = await tx
    .update(applications)
    .set({ ...set, state: to ?? state, revision: sql`${applications.revision} + 1` })
    .where(and(eq(applications.id, id), eq(applications.state, state), eq(applications.revision, revision)))
    .returning({ id: applications.id })
  if (changed.length !== 1)
    throw new Error(`the application ${id} must be locked by who moves it; it was moved by another`)
  const entry = {
    ...{
      id: v7(),
      applicationId: id,
      partyId,
      at,
      type: event,
      fromState: state,
      toState: to ?? state,
      actor,
      officerId,
    },
    ...{ mandateIds: [...mandates], text, dueOn: due?.dueOn ?? null, dueReason: due?.reason ?? null },
  }
  await tx.insert(timelineEntries).values(
    text === null
      ? { ...entry, text: null }
      : // The cast: of the columns of that table.
        (seal(await keyToSeal(tx, keyring, partyId), timelineEntries, entry) as typeof timelineEntries.$inferInsert),
  )
  await record(tx, [{ domain: 'applications', type: event, subject: id, partyId, agencyId, at, actor, ids }])
}
