import { and, eq, gt, inArray } from 'drizzle-orm'
import { beforeDeadline } from '../engine/statement.js'
import { AccessKind, AccessOutcome } from '../exchange/access.table.js'
import { logAccesses } from '../exchange/logAccesses.js'
import { purposes } from '../exchange/purpose.table.js'
import { keysOf } from '../identity/party.js'
import type { Context } from '../shared/context.js'
import type { PartyKey } from '../shared/personal.js'
import { applicationOpenings, applications } from './application.table.js'

type Row = typeof applications.$inferSelect
/** An application that the caller may read; without a key where its party was forgotten. */
export interface Readable {
  row: Row
  key: PartyKey | undefined
}

/**
 * Of applications that the caller sees, those whose content they may read too: of officers whoever has one, or has opened it
 * and said why; no auditor.
 */
export async function readableAmong(ids: readonly string[], context: Context): Promise<Map<string, Readable>> {
  const { database, keyring, caller, deadline } = context
  const rows = await beforeDeadline(deadline, () =>
    database.db
      .select()
      .from(applications)
      .where(inArray(applications.id, [...ids])),
  )
  const opened = caller.kind === 'OFFICER' ? await openedBy(ids, context) : new Set()
  const mayRead = ({ id, officerId }: Row) =>
    caller.kind === 'OFFICER' ? officerId === caller.party || opened.has(id) : actsForParties(context)
  const readable = rows.filter((row) => mayRead(row))
  const keys = await keysOf(database, keyring, [...new Set(readable.map(({ partyId }) => partyId))])
  return new Map(readable.map((row) => [row.id, { row, key: keys.get(row.partyId) }]))
}

const actsForParties = ({ caller: { kind } }: Context) => kind === 'PERSON' || kind === 'PROGRAM'

async function openedBy(ids: readonly string[], { database, caller, deadline, now }: Context): Promise<Set<string>> {
  const { applicationId, officerId, until } = applicationOpenings
  const isOpen = and(
    ...[eq(officerId, caller.party as string), inArray(applicationId, [...ids])], // officers have one
    gt(until, now()),
  )
  const rows = await beforeDeadline(deadline, () =>
    database.db.select({ id: applicationId }).from(applicationOpenings).where(isOpen),
  )
  return new Set(rows.map(({ id }) => id))
}

/** What of it was looked at. */
type Part = 'application' | 'messages' | 'file'

/** Notes down who looks, before anything is shown; but the applicant, at their own. */
export async function logLooks(rows: readonly Row[], part: Part, context: Context): Promise<void> {
  const { database, caller, deadline, now } = context
  const looked = rows.filter(({ partyId }) => caller.kind !== 'PERSON' || partyId !== caller.party)
  if (looked.length === 0) return
  const asOfficer = caller.kind === 'OFFICER'
  const code = asOfficer ? 'APPLICATION' : 'OWN_DATA'
  await beforeDeadline(deadline, () =>
    database.db.transaction(async (tx) => {
      const [purpose] = await tx.select({ id: purposes.id }).from(purposes).where(eq(purposes.code, code))
      if (!purpose) throw new Error(`the purpose ${code} must be there, as the data files have it; it is not`)
      await logAccesses(
        tx,
        looked.map(({ partyId, agencyId, number }) => ({
          ...{ at: now(), kind: AccessKind.FILE, partyId, actor: caller.id, actorPartyId: caller.party ?? null },
          ...{ clientId: caller.program?.id ?? null, agencyId: asOfficer ? agencyId : null, mandateIds: [] },
          ...{ fields: [part], purposeId: purpose.id, application: number, outcome: AccessOutcome.SHOWN },
        })),
      )
    }),
  )
}
