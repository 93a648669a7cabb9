import { sql } from 'drizzle-orm'
import type { Transaction } from '../platform/seeding.js'

export interface Happened {
  domain: string
  /** Dotted, the noun first: `service.published`. */
  type: string
  subject: string
  partyId?: string
  agencyId?: string
  /** The code of the service, as named by mandates. */
  serviceCode?: string
  /** The moment it takes effect. */
  at: Date
  /** The actor's id. */
  actor: string
  ids?: Record<string, string>
}

/** Call it in the transaction of the change, after locking its subject: an effect then never precedes its cause. */
export async function record(tx: Transaction, happened: Happened[]): Promise<void> {
  if (happened.length === 0) return
  // Drizzle would name all columns, and the serving role may not write id and position.
  await tx.execute(sql`
    insert into events (domain, type, subject, party_id, agency_id, service_code, at, actor, ids)
    select domain, type, subject, "partyId", "agencyId", "serviceCode", at, actor, coalesce(ids, '{}')
    from jsonb_to_recordset(${JSON.stringify(happened)}::text::jsonb) as happened(domain text, type text, subject uuid,
      "partyId" uuid, "agencyId" uuid, "serviceCode" text, at timestamptz, actor text, ids jsonb)`)
}
