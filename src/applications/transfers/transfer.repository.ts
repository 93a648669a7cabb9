import { and, asc, count, eq } from 'drizzle-orm'
import { v7 } from 'uuid'
import { agencies } from '../../agencies/agency.table.js'
import { answerAt } from '../../catalogue/forms/answers.rules.js'
import { moveDeadlines } from '../../events/deadlines.js'
import { keysToEncrypt, keyToEncrypt } from '../../identity/parties/party.js'
import type { Keyring } from '../../platform/keyring.js'
import { decrypt, encrypt } from '../../platform/personal.js'
import type { Transaction } from '../../platform/seeding.js'
import type { Application } from '../application.repository.js'
import { ApplicationState, applications } from '../application.table.js'
import { processOf } from '../drafts/form.repository.js'
import { applicationTransfers, TransferKind } from './applicationTransfer.table.js'

interface Wanted {
  kind: TransferKind
  /** The agency that receives the application. */
  to: string
  at: Date
  /** The reason of an officer. */
  text?: string
}

/** Moves an application to the desk of another agency. Returns what changes on the application and its timeline. */
export async function transferTo(
  { tx, keyring }: { tx: Transaction; keyring: Keyring },
  { id: applicationId, partyId, agencyId: fromAgencyId }: Application,
  { kind, to: toAgencyId, at, text }: Wanted,
) {
  const row = { id: v7(), applicationId, partyId, kind, fromAgencyId, toAgencyId, at }
  // The cast: encrypt() returns the columns of that table.
  const written =
    text === undefined
      ? row
      : (encrypt(await keyToEncrypt(tx, keyring, partyId), applicationTransfers, {
          ...row,
          text,
        }) as typeof applicationTransfers.$inferInsert)
  await tx.insert(applicationTransfers).values(written)
  await moveDeadlines(tx, applicationId, toAgencyId)
  return { transferId: row.id, set: { agencyId: toAgencyId, officerId: null, extendedAt: null, escalatedAt: null } }
}

/** The agency that the applicant has named, if it is another one and any agency may handle the application. */
export async function findAddressee(
  { tx, keyring }: { tx: Transaction; keyring: Keyring },
  application: Application,
): Promise<string | undefined> {
  const { partyId, agencyId, versionId } = application
  const { addressee } = await processOf(tx, versionId)
  if (addressee === null || application.state !== ApplicationState.SUBMITTED) return undefined
  const key = (await keysToEncrypt(tx, keyring, [partyId])).get(partyId)
  const code = key && answerAt(decrypt(key, applications, application).answers, addressee)
  if (typeof code !== 'string') return undefined
  const [agency] = await tx.select({ id: agencies.id }).from(agencies).where(eq(agencies.code, code))
  return agency?.id === agencyId ? undefined : agency?.id
}

/** The superior agency. Null if there is none. */
export async function findSuperior(tx: Transaction, agencyId: string): Promise<string | null> {
  const [found] = await tx.select({ parentId: agencies.parentId }).from(agencies).where(eq(agencies.id, agencyId))
  return found?.parentId ?? null
}

/** The agency that decided first, if an appeal moved the application away from it. */
export async function findFirstInstance(tx: Transaction, { id, agencyId }: Application): Promise<string | undefined> {
  const [first] = await tx
    .select({ agencyId: applicationTransfers.fromAgencyId })
    .from(applicationTransfers)
    .where(and(eq(applicationTransfers.applicationId, id), eq(applicationTransfers.kind, TransferKind.APPEAL)))
    .orderBy(asc(applicationTransfers.at), asc(applicationTransfers.id))
    .limit(1)
  return first?.agencyId === agencyId ? undefined : first?.agencyId
}

/** Whether an officer of that agency found it not competent before. */
export async function hasPassedOn(tx: Transaction, applicationId: string, agencyId: string): Promise<boolean> {
  const { applicationId: of, fromAgencyId, kind } = applicationTransfers
  const [found] = await tx
    .select({ times: count() })
    .from(applicationTransfers)
    .where(and(eq(of, applicationId), eq(fromAgencyId, agencyId), eq(kind, TransferKind.COMPETENCE)))
  return (found?.times ?? 0) > 0
}
