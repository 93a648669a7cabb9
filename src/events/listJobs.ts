import type { Database } from '../platform/database.js'

export interface ListedJob {
  id: string
  name: string
  /** FAILED is final until somebody retries or drops the job. */
  state: 'FAILED' | 'RETRYING' | 'WAITING' | 'RUNNING'
  /** Null if the event has been deleted. */
  event: string | null
  type: string | null
  attempts: number
  most: number
  /** The next attempt, in milliseconds since 1970. */
  next: number
  /** The first line. */
  error: string | null
  /** The total, listed or not. */
  total: number
}

/**
 * Jobs that need attention: failed, failing, waiting for over a minute, or running for over five. The list has a
 * maximum length.
 */
export const listJobs = ({ client }: Pick<Database, 'client'>, most: number) => client<ListedJob[]>`
  select jobs.id, task_identifier as name, state, events.id as event, events.type, attempts, max_attempts as most,
    (extract(epoch from run_at) * 1000)::float8 as next, split_part(last_error, chr(10), 1) as error,
    (count(*) over ())::int as total
  from graphile_worker.jobs
    left join events on events.id = substring(key from '^([0-9]+):')::bigint
    cross join lateral (select case
      when locked_at is not null then 'RUNNING' when attempts >= max_attempts then 'FAILED'
      when attempts > 0 then 'RETRYING' else 'WAITING' end as state) as job_state
  where case state when 'RUNNING' then locked_at < now() - interval '5 minutes'
    when 'WAITING' then run_at < now() - interval '1 minute' else true end
  order by state, jobs.id
  limit ${most}`

/** Runs it at once, with all its attempts again. */
export async function retryJob(database: Pick<Database, 'client'>, id: string): Promise<void> {
  const retried = await database.client`
    select id from graphile_worker.reschedule_jobs(array[${id}::bigint], run_at => now(), attempts => 0)`
  if (retried.length === 0) throw await refusal(database, id)
}

/** Deletes it; it never runs. */
export async function dropJob(database: Pick<Database, 'client'>, id: string): Promise<void> {
  const dropped = await database.client`select id from graphile_worker.complete_jobs(array[${id}::bigint])`
  if (dropped.length === 0) throw await refusal(database, id)
}

async function refusal({ client }: Pick<Database, 'client'>, id: string): Promise<Error> {
  const [there] = await client`select 1 from graphile_worker.jobs where id = ${id}::bigint`
  return new Error(there ? `job ${id} is running` : `there is no job ${id}`)
}
