import { and, desc, eq, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { agencies } from '../../agencies/agency.table.js'
import { publicStatuses } from '../../catalogue/publishing/status.rules.js'
import { filingRules } from '../../catalogue/services/filingRule.table.js'
import { services } from '../../catalogue/services/service.table.js'
import { serviceVersions } from '../../catalogue/services/serviceVersion.table.js'
import type { Transaction } from '../../platform/seeding.js'
import { filings } from '../filing.table.js'

/** Services by their codes, each with its version in force and how its filings are handled, if there are any. */
export async function servicesToFile(tx: Transaction, codes: readonly string[], today: string) {
  const { id, code, name, agencyId, status, suspendedUntil, audiences } = services
  const { serviceId, validFrom, validTo, withdrawnAt, number } = serviceVersions
  const holds = and(lte(validFrom, today), or(isNull(validTo), sql`${validTo} >= ${today}`), isNull(withdrawnAt))
  const version = { id: serviceVersions.id, number, handledAs: serviceVersions.handledAs }
  const { signers, delegable, assurance } = serviceVersions
  const rows = await tx
    .selectDistinctOn([id], {
      service: { id, code, name, agencyId, status, suspendedUntil, audiences },
      agency: agencies.code,
      version: { ...version, signers, delegable, assurance },
      rule: filingRules,
    })
    .from(services)
    .innerJoin(agencies, eq(agencies.id, agencyId))
    .leftJoin(serviceVersions, and(eq(serviceId, id), holds))
    .leftJoin(filingRules, eq(filingRules.versionId, serviceVersions.id))
    .where(and(inArray(code, [...codes]), inArray(status, [...publicStatuses])))
    .orderBy(id, desc(number))
  return new Map(rows.map((row) => [row.service.code, row]))
}
export type ServiceToFile = NonNullable<ReturnType<Awaited<ReturnType<typeof servicesToFile>>['get']>>

const { id, number, partyId, externalNumber, digest, digestKey, serviceId, period } = filings
const { state, livePeriod, replacesId, receivedAt, versionId } = filings
const { correctionValue, correctionUnit } = filingRules
const asEarlier = {
  id,
  number,
  partyId,
  externalNumber,
  digest,
  digestKey,
  serviceId,
  period,
  state,
  livePeriod,
  replacesId,
  receivedAt,
}
export interface Earlier extends Pick<typeof filings.$inferSelect, keyof typeof asEarlier> {
  /** The time for corrections by the version that it was filed for. Null if there is no limit. */
  rule: Pick<typeof filingRules.$inferSelect, 'correctionValue' | 'correctionUnit'> | null
}

interface Sought {
  party: string
  service: string
  key: string
  period: string | null
  replaces: string | null
}
/**
 * The filings that decide on others: under the same number of the filer, for the same period, replaced by them, and other
 * corrections of those.
 */
export async function earlierFilings(tx: Transaction, sought: readonly Sought[]): Promise<Earlier[]> {
  await lockReplaced(tx, sought)
  const asked = sql`jsonb_to_recordset(${JSON.stringify(sought)}::text::jsonb)
    as asked(party uuid, service text, key text, period text, replaces text)`
  const ids: SQL = sql`(
    select f.id from ${asked} join ${filings} f on f.party_id = asked.party and f.external_number = asked.key
    union all
    select f.id from ${asked} join ${services} s on s.code = asked.service
    join ${filings} f on f.party_id = asked.party and f.service_id = s.id and f.live_period = asked.period
    union all
    select one.id from ${asked} join ${filings} f on f.number = asked.replaces and f.party_id = asked.party
    cross join lateral (
      select f.id union all
      select c.id from ${filings} c where c.replaces_id = f.id and c.state = 'RECEIVED'
    ) one)`
  return await tx
    .select({ ...asEarlier, rule: { correctionValue, correctionUnit } })
    .from(filings)
    .leftJoin(filingRules, eq(filingRules.versionId, versionId))
    .where(inArray(filings.id, ids))
    .orderBy(filings.id)
}

/** Before the others are read: a repeat of a correction waits here for the first, and must then see it. */
async function lockReplaced(tx: Transaction, sought: readonly Sought[]): Promise<void> {
  const numbers = sought.flatMap(({ replaces }) => replaces ?? [])
  if (numbers.length === 0) return
  const isReplaced = and(inArray(number, numbers), inArray(partyId, [...new Set(sought.map(({ party }) => party))]))
  await tx.select({ id }).from(filings).where(isReplaced).orderBy(id).for('no key update')
}
