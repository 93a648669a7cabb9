import { eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { Reading } from '../../catalogue/forms/form.repository.js'
import { ApplicationRole } from '../../catalogue/services/applicationRole.table.js'
import type { services } from '../../catalogue/services/service.table.js'
import type { Acting } from '../../events/commandKeys.js'
import { setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { keyToEncrypt, PartyForgotten } from '../../identity/parties/party.js'
import type { Keyring } from '../../platform/keyring.js'
import { encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { nextNumbers } from '../../shared/number.js'
import type { Application } from '../application.repository.js'
import { type ApplicationOrigin, ApplicationState, applications } from '../application.table.js'
import { applicationParties } from '../applicationParty.table.js'
import { attachments } from '../attachments/attachment.table.js'
import { draftExpires, subjectOf } from '../casework/term.js'
import { type ChangeOfDue, timelineEntries } from '../timelineEntry.table.js'
import type { Version } from './form.repository.js'
import { nothingPrefilled, type Prefilled } from './prefill.js'

/** The applicant, and under which mandates or appointment the application was started. */
interface Begun {
  /** Defaults to the next one. */
  number?: string | undefined
  party: string
  mandates: readonly string[]
  origin: ApplicationOrigin
  under?: { under?: string }
}
interface Of {
  service: typeof services.$inferSelect
  version: Version
}
interface Content {
  answers: Record<string, unknown>
  prefilled: Prefilled
}
/** How an application begins. */
interface Beginning {
  state: ApplicationState
  /** Type of the event and the timeline entry. */
  event: string
  set: Partial<Omit<typeof applications.$inferInsert, 'answers' | 'prefilled'>>
  due?: ChangeOfDue | undefined
}

/** Inserts a draft with its first timeline entry, its deadline and its event. */
export async function insertDraft(acting: Acting, of: Of, begun: Begun, content: Content): Promise<Application> {
  const { context, tx } = acting
  const expiresAt = new Date(context.now().getTime() + context.patience.draftDays * 86_400_000)
  const beginning = { state: ApplicationState.DRAFT, event: 'application.started', set: { expiresAt } }
  const row = await insertApplication(acting, of, begun, content, beginning)
  await setDeadline(tx, { ...subjectOf(row), type: draftExpires, dueAt: expiresAt })
  return row
}

/** Inserts an application with its applicant, its first timeline entry and its event. */
export async function insertApplication(
  { tx, context }: Acting,
  { service, version }: Of,
  { number: given, party: partyId, mandates, origin, under = {} }: Begun,
  { answers, prefilled }: Content,
  { state, event, set, due }: Beginning,
): Promise<Application> {
  const { id = v7() } = set
  const at = context.now()
  const number = given ?? (await nextNumber(tx, at))
  const officerId = context.caller.kind === 'OFFICER' ? context.caller.party : null
  const row = {
    number,
    serviceId: service.id,
    serviceCode: service.code,
    versionId: version.id,
    agencyId: service.agencyId,
    partyId,
    origin,
    state,
    revision: 1,
    answers,
    prefilled,
    createdBy: context.caller.id,
    mandateIds: [...mandates],
    createdAt: at,
    changedAt: at,
    ...set,
    id,
  }
  const key = await keyToEncrypt(tx, context.keyring, partyId)
  // The cast: encrypt() returns the columns of that table.
  const encrypted = encrypt(key, applications, row) as typeof applications.$inferInsert
  const [inserted] = await tx.insert(applications).values(encrypted).returning()
  if (!inserted) throw new Error('an application must be there once it is inserted; it is not')
  await tx
    .insert(applicationParties)
    .values({ applicationId: id, partyId, role: ApplicationRole.APPLICANT, createdAt: at })
  const begun = { at, type: event, actor: context.caller.id }
  await tx.insert(timelineEntries).values({
    id: v7(),
    applicationId: id,
    partyId,
    ...begun,
    toState: state,
    mandateIds: [...mandates],
    officerId,
    dueOn: due?.dueOn ?? null,
    dueReason: due?.reason ?? null,
  })
  await record(tx, [{ ...subjectOf(inserted), ...begun, ids: { service: service.id, ...under } }])
  return inserted
}

/** Deletes the files of a draft that has ended, and returns columns with empty answers. It was never submitted. */
export async function emptiedDraft(tx: Transaction, keyring: Keyring, { id, partyId, state }: Application) {
  if (state !== ApplicationState.DRAFT) return {}
  await tx.delete(attachments).where(eq(attachments.applicationId, id))
  const key = await keyToEncrypt(tx, keyring, partyId).catch((error) => {
    if (error instanceof PartyForgotten) return undefined // its content is unreadable already
    throw error
  })
  return key ? encrypt(key, applications, { id, partyId, answers: {}, prefilled: nothingPrefilled }) : {}
}

/** The next number of an application. */
export const nextNumber = async (reading: Reading, at: Date): Promise<string> =>
  (await nextNumbers(reading, 'application_numbers', { kind: 'M', at }))[0]
