import { and, eq, gt, inArray, isNotNull, sql } from 'drizzle-orm'
import { serviceVersions } from '../catalogue/services/serviceVersion.table.js'
import { Asked } from '../engine/declare.js'
import { beforeDeadline, statementOf } from '../engine/statement.js'
import { AccessKind, AccessOutcome } from '../exchange/accessLog/access.table.js'
import { type Looked, logAccesses } from '../exchange/accessLog/logAccesses.js'
import { waysOfCaller } from '../identity/mandates/powers.js'
import { tiesOf } from '../identity/officers/ownCase.js'
import { keysOf } from '../identity/parties/party.js'
import type { PartyKey } from '../platform/personal.js'
import { Assurance } from '../shared/assurance.table.js'
import { actsForParties, type Caller, type Context, doubtOf, ownPartyOf } from '../shared/context.js'
import { applications } from './application.table.js'
import { applicationOpenings } from './casework/applicationOpening.table.js'
import { coApplicants } from './submission/coApplicant.table.js'

type Row = typeof applications.$inferSelect
/** An application that the caller may read; without a key where its party was forgotten. */
export interface Readable {
  row: Row
  key: PartyKey | undefined
}

interface Among {
  readable: Map<string, Readable>
  /** Of those that the caller might read if it were known more surely who they are: STEP_UP_REQUIRED. */
  unsure: Map<string, Error>
}

/** What is lacking of the assurance that a case needs: of an officer that of a signature, as for all that they do in one. */
export const doubtInCase = (caller: Caller, asked: Assurance): Error | undefined =>
  doubtOf(caller, caller.kind === 'OFFICER' ? Assurance.HIGH : asked)

/**
 * Of applications that the caller sees, those whose content they may read too: of officers whoever has one, or has opened it
 * and said why, and is not tied to who applies, though that came later; no auditor.
 */
export async function readableAmong(ids: readonly string[], context: Context): Promise<Among> {
  const { database, keyring, caller, deadline } = context
  const found = await beforeDeadline(deadline, () =>
    database.db
      .select({ row: applications, assurance: serviceVersions.assurance })
      .from(applications)
      .innerJoin(serviceVersions, eq(serviceVersions.id, applications.versionId))
      .where(inArray(applications.id, [...ids])),
  )
  const opened = caller.kind === 'OFFICER' ? await openedBy(ids, context) : new Set()
  const mayRead = ({ id, officerId }: Row) =>
    caller.kind === 'OFFICER' ? officerId === caller.party || opened.has(id) : actsForParties(caller)
  const theirs = found.filter(({ row }) => mayRead(row))
  const doubts = theirs.map(({ row, assurance }) => [row.id, doubtInCase(caller, assurance)] as const)
  const unsure = new Map(doubts.flatMap(([id, doubt]) => (doubt ? [[id, doubt]] : [])))
  const mayBeRead = theirs.map(({ row }) => row).filter(({ id }) => !unsure.has(id))
  const rows = caller.kind === 'OFFICER' ? await notTheirOwn(mayBeRead, context) : mayBeRead
  const keys = await keysOf(database, keyring, [...new Set(rows.map(({ partyId }) => partyId))])
  return { readable: new Map(rows.map((row) => [row.id, { row, key: keys.get(row.partyId) }])), unsure }
}

/** Without those that an officer is tied to. */
async function notTheirOwn(rows: Row[], { database, caller, deadline, now }: Context): Promise<Row[]> {
  if (rows.length === 0) return []
  const { applicationId, partyId } = coApplicants
  const ids = rows.map(({ id }) => id)
  return await beforeDeadline(deadline, async () => {
    const others = await database.db
      .select({ id: applicationId, partyId })
      .from(coApplicants)
      .where(and(inArray(applicationId, ids), isNotNull(partyId)))
    const applying = [...rows, ...others].map(({ id, partyId }) => ({ id, party: partyId as string })) // none is null
    const parties = [...new Set(applying.map(({ party }) => party))]
    const ties = await tiesOf(database.db, ownPartyOf(caller), parties, now())
    const own = new Set(applying.flatMap(({ id, party }) => (ties.has(party) ? [id] : [])))
    return rows.filter(({ id }) => !own.has(id))
  })
}

async function openedBy(ids: readonly string[], { database, caller, deadline, now }: Context): Promise<Set<string>> {
  const { applicationId, officerId, until } = applicationOpenings
  const isOpen = and(eq(officerId, ownPartyOf(caller)), inArray(applicationId, [...ids]), gt(until, now()))
  const rows = await beforeDeadline(deadline, () =>
    database.db.select({ id: applicationId }).from(applicationOpenings).where(isOpen),
  )
  return new Set(rows.map(({ id }) => id))
}

/** Notes down who looks at what of it, before anything is shown; but the applicant, at their own. */
export async function logLooks(looks: readonly { row: Row; fields: string[] }[], context: Context): Promise<void> {
  const { database, caller, deadline, now } = context
  const looked = looks.filter(({ row }) => caller.kind !== 'PERSON' || row.partyId !== caller.party)
  if (looked.length === 0) return
  const asOfficer = caller.kind === 'OFFICER'
  const { purposeId, mandates } = await looking(database.client, {
    context,
    variables: { purpose: asOfficer ? 'APPLICATION' : 'OWN_DATA' },
    keys: [JSON.stringify(looked.map(({ row }, place) => ({ place, party: row.partyId, service: row.serviceCode })))],
  })
  const rows = looked.map(
    ({ row: { partyId, agencyId, number }, fields }, place): Looked => ({
      at: now(),
      kind: AccessKind.FILE,
      partyId,
      actor: caller.id,
      actorPartyId: caller.party,
      clientId: caller.program?.id,
      agencyId: asOfficer ? agencyId : null,
      mandateIds: mandates[place] ?? [],
      fields,
      purposeId,
      application: number,
      outcome: AccessOutcome.SHOWN,
    }),
  )
  await beforeDeadline(deadline, () => database.db.transaction((tx) => logAccesses(tx, rows)))
}

/** For what, and under which mandates: none of an officer, nor of who applies together with another. */
const looking = statementOf({
  sql: sql`
    select json_build_object(
      'purposeId', (select id from purposes where code = ${new Asked(({ variables }) => variables.purpose)}),
      'mandates', (
        select json_agg((
          select mandate_ids from ${waysOfCaller} way
          where way.principal_id = asked.party and 'VIEW' = any(way.powers)
            and (way.services is null or asked.service = any(way.services))
          order by cardinality(mandate_ids), mandate_ids limit 1) order by place)
        from jsonb_to_recordset(${new Asked(({ keys }) => keys?.[0])}::text::jsonb) as asked(place integer, party uuid, service text)))`,
})
