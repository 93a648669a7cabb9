import { desc, eq } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { v7 } from 'uuid'
import { agencies } from '../../agencies/agency.table.js'
import { services } from '../../catalogue/services/service.table.js'
import { issueDocument } from '../../documents/issued/issueDocument.js'
import { DocumentKind } from '../../documents/issued/issuedDocument.table.js'
import { clearDeadlines } from '../../events/deadlines.js'
import { nameOf } from '../../identity/parties/nameOf.js'
import { keysToEncrypt } from '../../identity/parties/party.js'
import { programs } from '../../identity/programs/program.table.js'
import { type EncryptionKey, encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import type { Caller, Context } from '../../shared/context.js'
import { dueAfter } from '../../shared/dueAfter.js'
import { TermUnit } from '../../shared/termUnit.table.js'
import { daysAfter, legalDate, momentOf } from '../../shared/time.js'
import type { Words } from '../../shared/words.js'
import type { Application } from '../application.repository.js'
import { ApplicationOrigin, ApplicationState } from '../application.table.js'
import { coApplicantsOf } from '../applicationParty.repository.js'
import { requestOver, termOver } from '../casework/term.js'
import type { Process } from '../drafts/form.repository.js'
import { procedureOf } from '../procedure.js'
import { payByAfterApproval } from '../submission/payBy.js'
import { TransferKind } from '../transfers/applicationTransfer.table.js'
import { findFirstInstance, transferTo } from '../transfers/transfer.repository.js'
import { appeals } from './appeal.table.js'
import { DecisionOutcome, decisions, type Ground } from './decision.table.js'

/** The context of a command. A job provides its own caller. */
export interface Deciding {
  tx: Transaction
  context: Pick<Context, 'keyring' | 'now' | 'signingKeys'> & { caller: Pick<Caller, 'id'> }
}
export interface ToDecide {
  application: Application
  process: Process
  outcome: DecisionOutcome
  /** When the decision takes effect. */
  at: Date
  /** Who decides. Without either, it is a deemed decision. */
  officerId?: string | null
  programId?: string | null
  /** In all languages for a deemed decision. */
  reasoning: Words | string | null
  norm: Words | string | null
  /** For a refusal by an officer. */
  grounds?: Ground[] | null
}

/** Writes a decision on a locked application and issues its document. Returns how the application moves. */
export async function decide(deciding: Deciding, wanted: ToDecide) {
  const { tx, context } = deciding
  const { id, partyId } = wanted.application
  // A forgotten party gets no document, but the decision is recorded.
  const key = (await keysToEncrypt(tx, context.keyring, [partyId])).get(partyId)
  const agency = await agencyOf(tx, wanted.application)
  const appealable = await appealOf(deciding, wanted, agency)
  const isApproved = wanted.outcome === DecisionOutcome.APPROVED
  const payBy = isApproved ? await payByAfterApproval(tx, wanted.application, context.now()) : undefined
  const documentId = key ? await issue(deciding, { ...wanted, ...appealable, payBy }, agency) : null
  await clearDeadlines(tx, [termOver, requestOver], id)
  const decisionId = await insert(tx, key, { ...wanted, ...appealable, documentId })
  const returned = await returnAfterAppeal(deciding, wanted)
  if (isApproved)
    await procedureOf(wanted.application.serviceCode)?.approved?.({ ...wanted.application, ...returned?.set }, deciding)
  return {
    ...returned,
    set: { ...returned?.set, decidedAt: wanted.at, pausedAt: null, respondBy: null },
    decisionId,
    ids: { decision: decisionId },
  }
}

/** What a superior agency approves goes back to the agency that decided first, which hands it over. */
async function returnAfterAppeal({ tx, context }: Deciding, { application, outcome, at }: ToDecide) {
  const to = outcome === DecisionOutcome.APPROVED ? await findFirstInstance(tx, application) : undefined
  if (to === undefined) return undefined
  return await transferTo({ tx, keyring: context.keyring }, application, { kind: TransferKind.RETURN, to, at })
}

interface Appealable {
  appealTo: Words | null
  appealUntil: Date | null
  objectionUntil: Date | null
}
/**
 * Where to appeal, and until when. An approval cannot be appealed here; if nobody applied for it, the person may object instead.
 */
async function appealOf(
  { tx, context }: Deciding,
  { application, process, outcome }: ToDecide,
  { name, superior }: Agency,
): Promise<Appealable> {
  const isApproved = outcome === DecisionOutcome.APPROVED
  const days = isApproved ? process.objectionDays : process.appealDays
  // After an appeal, only an agency that is superior to the one that decided may be asked again. Otherwise a court is next.
  const mayAppeal = superior !== null || application.state !== ApplicationState.UNDER_APPEAL
  const isOpen = days > 0 && (isApproved ? application.origin === ApplicationOrigin.PROACTIVE : mayAppeal)
  if (!isOpen) return { appealTo: null, appealUntil: null, objectionUntil: null }
  // The time runs from the issue, because a deemed decision takes effect before anybody can know of it.
  const from = context.now()
  const due = await dueAfter(tx, from, { value: days, unit: TermUnit.CALENDAR_DAY })
  // Outside the loaded calendar the right to appeal or to object remains.
  const until = due?.dueAt ?? momentOf(daysAfter(legalDate(from), days + 1), '00:00:00')
  return isApproved
    ? { appealTo: null, appealUntil: null, objectionUntil: until }
    : { appealTo: superior ?? name, appealUntil: until, objectionUntil: null }
}

async function issue(
  deciding: Deciding,
  wanted: ToDecide & Appealable & { payBy: Date | undefined },
  { code, service }: Agency,
): Promise<string> {
  const { tx, context } = deciding
  const { application, process, outcome, officerId, programId, reasoning, norm, grounds, at } = wanted
  const { appealTo, appealUntil, objectionUntil, payBy } = wanted
  const holder = await nameOf(tx, context.keyring, application.partyId)
  const program = programId ? await nameOfProgram(tx, programId) : undefined
  const officer = officerId ? await nameOf(tx, context.keyring, officerId) : undefined
  const { id } = await issueDocument(deciding, {
    kind: DocumentKind.DECISION,
    partyId: application.partyId,
    others: await coApplicantsOf(tx, application.id),
    agencyId: application.agencyId,
    subjectId: application.id,
    serviceCode: application.serviceCode,
    ...(process.numbered && { series: `${code}-${legalDate(context.now()).slice(0, 4)}` }),
    claims: {
      subject: application.number,
      service,
      outcome,
      ...(holder && { holder }),
      ...(officer && { officer }),
      ...(program && { program }),
      ...(grounds && { grounds }),
      ...(reasoning && { reasoning }),
      ...(norm && { norm }),
      ...(appealTo && { appealTo }),
      ...(appealUntil && { appealUntil: appealUntil.toISOString() }),
      ...(objectionUntil && { objectionUntil: objectionUntil.toISOString() }),
      ...(payBy && { payBy: payBy.toISOString() }),
      ...(!officerId && !programId && { effectiveAt: at.toISOString() }),
    },
  })
  return id
}

async function nameOfProgram(tx: Transaction, id: string): Promise<string | undefined> {
  const [program] = await tx.select({ name: programs.name }).from(programs).where(eq(programs.id, id))
  return program?.name
}

async function insert(
  tx: Transaction,
  key: EncryptionKey | undefined,
  wanted: ToDecide & Appealable & { documentId: string | null },
): Promise<string> {
  const { application, outcome, at, officerId, programId, reasoning, norm, grounds = null } = wanted
  const { appealTo, appealUntil, objectionUntil, documentId } = wanted
  const [appeal] = await tx
    .select({ id: appeals.id })
    .from(appeals)
    .where(eq(appeals.applicationId, application.id))
    .orderBy(desc(appeals.filedAt), desc(appeals.id))
    .limit(1)
  const row = {
    id: v7(),
    applicationId: application.id,
    partyId: application.partyId,
    outcome,
    at,
    officerId: officerId ?? null,
    programId: programId ?? null,
    appealTo,
    appealUntil,
    objectionUntil,
    appealId: appeal?.id ?? null,
    dueAt: application.dueAt,
    documentId,
  }
  // The cast: encrypt() returns the columns of that table.
  const words = key && (encrypt(key, decisions, { ...row, reasoning, norm, grounds }) as typeof decisions.$inferInsert)
  await tx.insert(decisions).values(words ?? row)
  return row.id
}

const superiors = alias(agencies, 'superiors')
type Agency = Awaited<ReturnType<typeof agencyOf>>
/** The agency and the service, which documents name both. */
async function agencyOf(tx: Transaction, { agencyId, serviceId }: Application) {
  const [agency] = await tx
    .select({
      code: agencies.code,
      name: agencies.name,
      superior: superiors.name,
      service: { code: services.code, name: services.name },
    })
    .from(agencies)
    .leftJoin(superiors, eq(superiors.id, agencies.parentId))
    .innerJoin(services, eq(services.id, serviceId))
    .where(eq(agencies.id, agencyId))
  if (!agency) throw new Error(`an application must be of an agency and a service that are there; ${agencyId} is not`)
  return agency
}
