import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { Transaction } from '../../platform/seeding.js'
import { textOf } from './access.digest.js'
import type { accesses } from './access.table.js'

/** An access to be logged. An omitted column is null. */
export type NewAccess = Omit<typeof accesses.$inferInsert, 'id' | 'position' | 'salt' | 'digest' | 'releaseAt'>

/**
 * Logs accesses in one statement, before the data is used. The release follows from the purpose alone. A purpose that does not
 * exist violates the foreign key, and nothing is logged.
 */
export async function logAccesses(tx: Transaction, entries: readonly NewAccess[]): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map((entry) => {
    const access = { ...none, ...entry, id: v7() }
    return { ...access, salt: `\\x${randomBytes(16).toString('hex')}`, text: textOf(access) }
  })
  // Drizzle would name all columns, but the server role may not write the position.
  await tx.execute(sql`
    insert into accesses (id, at, kind, party_id, actor, actor_party_id, program_id, agency_id, mandate_ids, registry_id, fields,
      purpose_id, ground_id, application, message_id, request_hash, outcome, release_at, salt, digest)
    select entries.id, at, kind, "partyId", actor, "actorPartyId", "programId", "agencyId", "mandateIds", "registryId", fields,
      "purposeId", "groundId", application, "messageId", "requestHash", outcome, release, salt,
      sha256(salt || convert_to(text || '@' || (extract(epoch from release) * 1000)::bigint, 'UTF8'))
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as entries(id uuid, at timestamptz, kind access_kind,
        "partyId" uuid, actor text, "actorPartyId" uuid, "programId" uuid, "agencyId" uuid, "mandateIds" uuid[],
        "registryId" uuid, fields text[], "purposeId" uuid, "groundId" uuid, application text, "messageId" text,
        "requestHash" text, outcome access_outcome, salt bytea, text text)
      left join purposes on purposes.id = "purposeId",
      -- In UTC, because the length of a month depends on the time zone of the connection.
      lateral (select date_trunc('milliseconds', (at at time zone 'UTC' + coalesce(secret_for, interval '0')) at time zone 'UTC')) as released(release)`)
}

const none = {
  actorPartyId: null,
  programId: null,
  agencyId: null,
  registryId: null,
  groundId: null,
  application: null,
  messageId: null,
  requestHash: null,
}
