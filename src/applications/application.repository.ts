import { and, eq } from 'drizzle-orm'
import { NIL, v7 } from 'uuid'
import { parseNodeId } from '../engine/nodeId.js'
import type { Acting } from '../events/commandKeys.js'
import { record } from '../events/record.js'
import { Power } from '../identity/mandates/mandate.table.js'
import { keyToEncrypt } from '../identity/parties/party.js'
import { encrypt } from '../platform/personal.js'
import type { Transaction } from '../platform/seeding.js'
import { type ApplicationState, applications } from './application.table.js'
import { type Process, processOf } from './drafts/form.repository.js'
import { doubtInCase } from './reading.repository.js'
import { type Related, relationsOf } from './standing.repository.js'
import { timelineEntries } from './timelineEntry.table.js'

export type Application = typeof applications.$inferSelect

/** An application that the caller may see, locked until the end of the transaction. */
export interface Case extends Related {
  application: Application
  process: Process
}

export const applicationKey = (id: string): string => {
  const parsed = parseNodeId(id)
  return parsed?.type === 'Application' ? parsed.key : NIL
}

/**
 * Undefined for whoever may not see it, STEP_UP_REQUIRED for whoever is not known as surely as it needs. The same is asked of
 * the database where it is another's and where it never was.
 */
export async function lockCase(acting: Acting, id: string): Promise<Case | undefined> {
  const { tx, context } = acting
  const [application] = await tx
    .select()
    .from(applications)
    .where(eq(applications.id, applicationKey(id)))
    .for('update')
  const known = [...(await relationsOf(acting, application ? [application] : [], { held: true })).values()][0]
  if (!application || !known || !isSeen(application, known)) return undefined
  const doubt = doubtInCase(context.caller, known.assurance)
  if (doubt) throw doubt
  return { ...known, application, process: await processOf(tx, application.versionId) }
}
const isSeen = ({ submittedAt }: Application, { relation: { powers }, isCoApplicant, under }: Related): boolean =>
  powers.has(Power.VIEW) ||
  powers.has(Power.FILE) ||
  isCoApplicant ||
  (under.under !== undefined && submittedAt !== null)

export interface Moved {
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
  due?: { dueOn: string | null; reason: string } | undefined
  /** False of what changes nothing that anybody decides upon: whoever has it goes on with the revision that they saw. */
  revises?: boolean
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
    revises = true,
    set = {},
    ids = {},
  } = moved
  const { id, partyId, agencyId, state, revision } = application
  const changed = await tx
    .update(applications)
    .set({ ...set, state: to ?? state, revision: revises ? revision + 1 : revision })
    .where(and(eq(applications.id, id), eq(applications.state, state), eq(applications.revision, revision)))
    .returning({ id: applications.id })
  if (changed.length !== 1)
    throw new Error(`the application ${id} must be locked by who moves it; it was moved by another`)
  const entry = {
    id: v7(),
    applicationId: id,
    partyId,
    at,
    type: event,
    fromState: state,
    toState: to ?? state,
    actor,
    officerId,
    mandateIds: [...mandates],
    text,
    dueOn: due?.dueOn ?? null,
    dueReason: due?.reason ?? null,
  }
  await tx.insert(timelineEntries).values(
    text === null
      ? { ...entry, text: null }
      : // The cast: of the columns of that table.
        (encrypt(
          await keyToEncrypt(tx, keyring, partyId),
          timelineEntries,
          entry,
        ) as typeof timelineEntries.$inferInsert),
  )
  await record(tx, [{ domain: 'applications', type: event, subject: id, partyId, agencyId, at, actor, ids }])
}
