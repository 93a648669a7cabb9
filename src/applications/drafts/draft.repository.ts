import { eq, sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import { ApplicationRole } from '../../catalogue/services/applicationRole.table.js'
import type { services } from '../../catalogue/services/service.table.js'
import type { Acting } from '../../events/commandKeys.js'
import { setDeadline } from '../../events/deadlines.js'
import { record } from '../../events/record.js'
import { keyToEncrypt, PartyForgotten } from '../../identity/parties/party.js'
import type { Keyring } from '../../platform/keyring.js'
import { encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import { numberOf } from '../../shared/number.js'
import { legalDate } from '../../shared/time.js'
import type { Application } from '../application.repository.js'
import { type ApplicationOrigin, ApplicationState, applications } from '../application.table.js'
import { applicationParties } from '../applicationParty.table.js'
import { attachments } from '../attachments/attachment.table.js'
import { draftExpires, subjectOf } from '../casework/term.js'
import { timelineEntries } from '../timelineEntry.table.js'
import type { Reading, Version } from './form.repository.js'
import { nothingPrefilled, type Prefilled } from './prefill.js'

/** The applicant, and under which mandates or appointment the draft was started. */
interface Begun {
  /** Defaults to the next one. */
  number?: string | undefined
  party: string
  mandates: readonly string[]
  origin: ApplicationOrigin
  under?: { under?: string }
}

/** Inserts a draft with its first timeline entry, its deadline and its event. */
export async function insertDraft(
  { tx, context }: Acting,
  { service, version }: { service: typeof services.$inferSelect; version: Version },
  { number: given, party: partyId, mandates, origin, under = {} }: Begun,
  { answers, prefilled }: { answers: Record<string, unknown>; prefilled: Prefilled },
): Promise<{ id: string; number: string }> {
  const [id, at] = [v7(), context.now()]
  const number = given ?? (await nextNumber(tx, at))
  const expiresAt = new Date(at.getTime() + context.patience.draftDays * 86_400_000)
  const row = {
    id,
    number,
    serviceId: service.id,
    serviceCode: service.code,
    versionId: version.id,
    agencyId: service.agencyId,
    partyId,
    origin,
    state: ApplicationState.DRAFT,
    revision: 1,
    answers,
    prefilled,
    createdBy: context.caller.id,
    mandateIds: [...mandates],
    createdAt: at,
    changedAt: at,
    expiresAt,
  }
  const key = await keyToEncrypt(tx, context.keyring, partyId)
  // The cast: encrypt() returns the columns of that table.
  await tx.insert(applications).values(encrypt(key, applications, row) as typeof applications.$inferInsert)
  await tx
    .insert(applicationParties)
    .values({ applicationId: id, partyId, role: ApplicationRole.APPLICANT, createdAt: at })
  const begun = { at, type: 'application.started', actor: context.caller.id }
  await tx.insert(timelineEntries).values({
    id: v7(),
    applicationId: id,
    partyId,
    ...begun,
    toState: ApplicationState.DRAFT,
    mandateIds: [...mandates],
    officerId: context.caller.kind === 'OFFICER' ? context.caller.party : null,
  })
  await setDeadline(tx, { ...subjectOf(row), type: draftExpires, dueAt: expiresAt })
  await record(tx, [{ ...subjectOf(row), ...begun, ids: { service: service.id, ...under } }])
  return { id, number }
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

/** The next number of an application. A number may stay unused. */
export async function nextNumber(reading: Reading, at: Date): Promise<string> {
  const [row] = await reading.execute<{ serial: string }>(sql`select nextval('application_numbers') as serial`)
  const serial = BigInt(row?.serial as string) // a sequence always has a next value
  return numberOf('M', Number(legalDate(at).slice(0, 4)), serial)
}
