import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import { agencies } from '../../agencies/agency.table.js'
import { registries } from '../../agencies/registry.table.js'
import { record } from '../../events/record.js'
import type { Transaction } from '../../platform/seeding.js'
import { legalDate } from '../../shared/time.js'
import { purposes } from '../accessLog/purpose.table.js'
import type { Found, Wanted } from './consent.rules.js'
import { consents } from './consent.table.js'
import { legalGrounds } from './legalGround.table.js'

/**
 * SQL condition: whether a consent permits the agency to query the registry about the party for the purpose. The IDs are uuids,
 * `registry` is a code. Use it in the statement that decides whether to query, so that a withdrawal takes effect at once.
 */
export const consentHolds = (party: SQL, agency: SQL, purpose: SQL, registry: SQL, at: SQL): SQL => sql`exists (
  select from consents consent
  where consent.party_id = ${party} and consent.agency_id = ${agency} and consent.purpose_id = ${purpose}
    and ${registry} = any(consent.registries) and consent.withdrawn_at is null
    and consent.valid_from <= ${at} and consent.valid_to > ${at})`

/** The agency, purpose and registries that exist, and what the law says about them. */
export async function findWanted(tx: Transaction, { agency, purpose, ...wanted }: Wanted): Promise<Found> {
  const [agencyId, purposeId] = [
    sql`(select ${agencies.id} from ${agencies} where ${agencies.code} = ${agency})`,
    sql`(select ${purposes.id} from ${purposes} where ${purposes.code} = ${purpose})`,
  ]
  const day = legalDate(wanted.validFrom)
  const rows = await tx.execute<Found['registries'][number] & Pick<Found, 'agencyId' | 'purposeId'>>(sql`
    select ${agencyId} as "agencyId", ${purposeId} as "purposeId", wanted.code, ${registries.id} is not null as "isKnown",
      (select bool_or(${legalGrounds.consentRequired}) from ${legalGrounds}
        where ${legalGrounds.registryId} = ${registries.id} and ${legalGrounds.agencyId} = ${agencyId}
          and ${legalGrounds.purposeId} = ${purposeId}
          and ${day}::date between ${legalGrounds.validFrom} and coalesce(${legalGrounds.validTo}, 'infinity')
      ) as "consentRequired"
    from jsonb_array_elements_text(${JSON.stringify(wanted.registries)}::text::jsonb) wanted(code)
    left join ${registries} on ${registries.code} = wanted.code`)
  const { agencyId: found = null, purposeId: forWhat = null } = rows[0] ?? {}
  return { agencyId: found, purposeId: forWhat, registries: rows }
}

/** Consents of a party that are neither expired nor withdrawn. */
export const findInForce = (tx: Transaction, party: string, now: Date) =>
  tx
    .select()
    .from(consents)
    .where(and(eq(consents.partyId, party), isNull(consents.withdrawnAt), gt(consents.validTo, now)))

type Subject = Pick<typeof consents.$inferSelect, 'id' | 'partyId' | 'agencyId'>
interface ConsentEvent {
  type: 'consent.given' | 'consent.withdrawn'
  at: Date
  /** The ID of the caller. */
  actor: string
  /** The mandates acted under, from the party on. */
  under: readonly string[]
}
export async function recordOfConsent(
  tx: Transaction,
  subject: Subject,
  { under, ...event }: ConsentEvent,
): Promise<void> {
  const { id, partyId, agencyId } = subject
  const [first, second] = under
  const ids = { ...(first && { under: first }), ...(second && { through: second }) }
  await record(tx, [{ domain: 'exchange', subject: id, partyId, agencyId, ...event, ids }])
}
