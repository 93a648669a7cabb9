import { and, asc, gt, inArray, sql } from 'drizzle-orm'
import type { Database } from '../platform/database.js'
import { events } from './event.table.js'
import type { EventRow } from './job.js'

interface Reading {
  /** A position; '0' is before the first. */
  after: string
  limit: number
  domains?: readonly string[]
}

/** In their order. What has no position yet is not there, and will never stand behind what was read. */
export async function readEvents(
  { db }: Pick<Database, 'db'>,
  { after, limit, domains }: Reading,
): Promise<EventRow[]> {
  const rows = await db
    .select()
    .from(events)
    .where(
      and(
        gt(events.position, BigInt(after)),
        // In the text, not as parameters: an index on the events of some domains is used only where the plan knows them.
        domains && sql`${inArray(events.domain, [...domains])}`.inlineParams(),
      ),
    )
    .orderBy(asc(events.position))
    .limit(limit)
  return rows.map((row) => ({ ...row, id: String(row.id), position: String(row.position) }))
}
