import { inArray, sql } from 'drizzle-orm'
import { loadFor } from '../engine/fetch.js'
import { beforeDeadline } from '../engine/statement.js'
import { logReadingsOf, type ReadingAccess } from '../exchange/accessLog/logReadings.js'
import { agenciesOf } from '../identity/officers/offices.js'
import { keysOf } from '../identity/parties/party.js'
import type { PartyKey } from '../platform/personal.js'
import type { Transaction } from '../platform/seeding.js'
import { actsForParties, type Caller, type Context, hasScope } from '../shared/context.js'
import {
  type Application,
  assuranceErrorInCase,
  type Facts,
  type Related,
  relationsOf,
} from './application.repository.js'
import { applications } from './application.table.js'
import { shownToOfficers } from './transition.rules.js'

type Row = typeof applications.$inferSelect
/** An application that the caller may read. It has no key if its party was forgotten. */
export interface Readable {
  row: Row
  key: PartyKey | undefined
}

interface Among {
  readable: Map<string, Readable>
  /** STEP_UP_REQUIRED for those that the caller may read with a higher assurance level. */
  unsure: Map<string, Error>
}

/** Applications with what transitions depend on, and the relation of the caller to each. Undefined for one that does not exist. */
export async function findRelated(ids: readonly string[], context: Context): Promise<(Related | undefined)[]> {
  const { database, deadline } = context
  const tx = database.db as unknown as Transaction // reading needs no transaction
  const related = await beforeDeadline(deadline, async () => {
    const rows = await tx
      .select()
      .from(applications)
      .where(inArray(applications.id, [...ids]))
    return await relationsOf({ tx, context }, rows, { held: false })
  })
  const byId = new Map(related.map((one) => [one.application.id, one]))
  return ids.map((id) => byId.get(id))
}

/** The same of rows that brought their facts along. */
export async function relatedTo(
  rows: readonly (Application & { facts: Facts })[],
  context: Context,
): Promise<Related[]> {
  const tx = context.database.db as unknown as Transaction // reading needs no transaction
  return await beforeDeadline(context.deadline, () => relationsOf({ tx, context }, rows, { held: false }))
}

/** Whether an officer of the agency is assigned or has opened it, and still handles cases. The caller must check ties separately. */
export const isOpenTo = ({ relation, hasOpened }: Related): boolean => {
  const { isAssigned, isReviewer, isApprover, isFinance } = relation
  const handlesCases = isReviewer || isApprover
  return hasOpened ? handlesCases || isFinance : isAssigned && handlesCases
}

/**
 * Applications whose content the caller may read, among those that they see. An officer must be assigned or have opened it,
 * and have no tie to the applicants, even a later one. A program of the agency reads all. Auditors read none.
 */
export async function readableAmong(ids: readonly string[], context: Context): Promise<Among> {
  const { database, keyring, caller } = context
  const found = await Promise.all(ids.map((id) => loadFor(context, findRelated, id)))
  const theirs = found.flatMap((one) => (one && mayReadContent(one, caller) ? [one] : []))
  const doubts = theirs.map(
    ({ application, assurance }) => [application.id, assuranceErrorInCase(caller, assurance)] as const,
  )
  const unsure = new Map(doubts.flatMap(([id, doubt]) => (doubt ? [[id, doubt]] : [])))
  const rows = theirs
    .filter(({ application, relation }) => !unsure.has(application.id) && relation.tie === null)
    .map(({ application }) => application)
  const keys = await keysOf(database, keyring, [...new Set(rows.map(({ partyId }) => partyId))])
  return { readable: new Map(rows.map((row) => [row.id, { row, key: keys.get(row.partyId) }])), unsure }
}

function mayReadContent(found: Related, caller: Caller): boolean {
  if (caller.kind === 'OFFICER') return isOpenTo(found)
  return actsForParties(caller) || isReadBy(caller, found.application)
}
/** Whether a program of the agency may read it: neither a draft, nor what others have yet to confirm. */
const isReadBy = (
  caller: Caller,
  { agencyId, state, submittedAt }: Pick<Row, 'agencyId' | 'state' | 'submittedAt'>,
): boolean =>
  caller.kind === 'AGENCY_PROGRAM' &&
  hasScope(caller, 'cases:read') &&
  submittedAt !== null &&
  shownToOfficers.includes(state) &&
  agenciesOf(caller).includes(agencyId)

export type CaseAccess = ReadingAccess<Row>

/** Logs accesses before anything is shown, except those of the applicant. */
export const logCaseAccesses = async (accesses: readonly CaseAccess[], context: Context): Promise<void> =>
  await logOfCases({ purpose: 'APPLICATION', powers: 'VIEW' }, accesses, context)
const logOfCases = logReadingsOf(
  sql`way.principal_id in (select party_id from application_parties where application_id = asked.id)`,
)
