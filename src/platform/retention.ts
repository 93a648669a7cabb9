import type { Sql } from 'postgres'
import { Confidence } from './confidence.table.js'
import { columnNames, type Retention } from './describeTable.js'
import type { DescribedTable } from './tables.js'

/** Tables that libraries make. */
const foreign: Record<string, Retention<never>> = {
  'drizzle.__drizzle_migrations': { class: 'PERMANENT', reason: 'Records which migrations were applied.' },
  'graphile_worker.migrations': { class: 'PERMANENT', reason: 'Records which migrations were applied.' },
  'graphile_worker._private_tasks': { class: 'PERMANENT', reason: 'The names of jobs.' },
  'graphile_worker._private_job_queues': {
    class: 'TRANSIENT',
    reason: 'A queue exists as long as a job waits in it.',
  },
  'graphile_worker._private_jobs': {
    class: 'TRANSIENT',
    reason: 'A job is removed when it is done. One that failed for good waits for an operator.',
  },
  'graphile_worker._private_known_crontabs': { class: 'TRANSIENT', reason: 'When a recurring job last began.' },
}

export interface RetentionRow {
  table: string
  class: string
  from: string | null
  term: string | null
  reason: string
  confidence: string
  source: string | null
}

const rowOf = (table: string, retention: Retention, from: string | null = null): RetentionRow => ({
  table,
  class: retention.class,
  from,
  term: retention.class === 'TERM' ? retention.term : null,
  reason: retention.reason,
  confidence: retention.confidence ?? Confidence.GENERAL_KNOWLEDGE,
  source: retention.source ?? null,
})

/** A row for each table that there is. */
export const retentionRows = (tables: DescribedTable[]): RetentionRow[] => [
  ...Object.entries(foreign).map(([table, retention]) => rowOf(table, retention)),
  ...tables.map(({ table, name, description: { retention } }) =>
    rowOf(name, retention, retention.class === 'TERM' ? columnNames(table, [retention.from])[0] : null),
  ),
]

/** Runs as the role that owns the tables: the role of the server reads these rows and cannot change what may be removed. */
export async function seedRetention(client: Sql, retention: RetentionRow[]): Promise<void> {
  const rows = JSON.stringify(retention)
  await client.begin(async (tx) => {
    await tx`delete from retention where table_name <> all(select given->>'table' from jsonb_array_elements(${rows}::text::jsonb) given)`
    await tx`
      insert into retention (table_name, class, from_column, term, reason, confidence, source)
      select "table", class, "from", term, reason, confidence, source
      from jsonb_to_recordset(${rows}::text::jsonb) as given ("table" text, class retention_class, "from" text, term interval,
        reason text, confidence confidence, source text)
      on conflict (table_name) do update set class = excluded.class, from_column = excluded.from_column, term = excluded.term,
        reason = excluded.reason, confidence = excluded.confidence, source = excluded.source
      where retention is distinct from excluded`
  })
}
