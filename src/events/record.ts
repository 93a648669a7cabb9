import { sql } from 'drizzle-orm'
import type { Transaction } from '../platform/seeding.js'

export interface Happened {
  domain: string
  /** Dotted, the noun first: `service.published`. */
  type: string
  subject: string
  partyId?: string
  agencyId?: string
  /** With effect at. */
  at: Date
  /** Who did it, by id. */
  actor: string
  ids?: Record<string, string>
}

/** In the transaction of what happened, after what it is about was locked: so an effect never stands before its cause. */
export async function record(tx: Transaction, happened: Happened[]): Promise<void> {
  if (happened.length === 0) return
  // Drizzle would name all columns, and who serves may not write the id and the position.
  await tx.execute(sql`
    insert into events (domain, type, subject, party_id, agency_id, at, actor, ids)
    select domain, type, subject, "partyId", "agencyId", at, actor, coalesce(ids, '{}')
    from jsonb_to_recordset(${JSON.stringify(happened)}::text::jsonb) as happened(domain text, type text, subject uuid,
      "partyId" uuid, "agencyId" uuid, at timestamptz, actor text, ids jsonb)`)
}
