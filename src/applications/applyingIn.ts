import { sql } from 'drizzle-orm'
import type { ApplyingIn } from '../exchange/registries/officerRecords.resolver.js'

/** In one statement, whether there is such an application or not. */
export const applyingIn: ApplyingIn = async (tx, { number, agencyId, officerId, at }) => {
  const rows = await tx.execute<{ party: string }>(sql`
    with found as (
      select id, party_id from applications
      where number = ${number} and agency_id = ${agencyId}::uuid and submitted_at is not null
        and (officer_id = ${officerId}::uuid or exists (
          select from application_openings
          where application_id = applications.id and application_openings.officer_id = ${officerId}::uuid
            and until > ${at.toISOString()}::timestamptz)))
    select party_id as party from found
    union select co_applicants.party_id from co_applicants join found on found.id = application_id
    where co_applicants.party_id is not null`)
  return rows.map(({ party }) => party)
}
