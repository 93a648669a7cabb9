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

/** In order. An event without a position is omitted, and never appears behind a reader. */
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
        // In the text, not as parameters: the planner only uses a partial index if it knows the domains.
        domains && sql`${inArray(events.domain, [...domains])}`.inlineParams(),
      ),
    )
    .orderBy(asc(events.position))
    .limit(limit)
  return rows.map((row) => ({ ...row, id: String(row.id), position: String(row.position) }))
}
