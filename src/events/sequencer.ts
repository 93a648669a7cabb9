import type { TransactionSql } from 'postgres'
import { failpoint } from '../engine/failpoint.js'
import type { Database } from '../shared/database.js'
import type { Job } from './job.js'

/** So many events at most get their position in one sweep. */
export const mostInSweep = 1000
/** Attempts of a job; with pauses of e^n seconds, six hours at most, they take nearly three days. */
const attempts = 20
/** Milliseconds after which PostgreSQL ends a sweep whose process hangs, so that another sequencer goes on. */
const patience = '5000'

/**
 * Gives a position to what has become visible, and enqueues what follows from it, all in one transaction. The row of the
 * last position is the election too: who has it locked sweeps, whoever else comes finds nothing to do.
 */
export async function sweep({ client }: Pick<Database, 'client'>, jobs: readonly Job[]): Promise<number> {
  const [unseen] = await client`select 1 from events where position is null limit 1`
  if (!unseen) return 0
  const count = await client.begin('isolation level read committed', async (tx) => {
    const [head] = await tx<{ position: string }[]>`
      select position, set_config('idle_in_transaction_session_timeout', ${patience}, true)
      from event_head for update skip locked`
    if (!head) return 0
    const count = await position(tx, head.position)
    await enqueue(tx, jobs, head.position)
    await tx`select pg_notify('events', (${head.position}::bigint + ${count}::int)::text)`
    await failpoint('sequencer.positioned')
    return count
  })
  await failpoint('sequencer.swept')
  return count
}

/** In a statement of its own: it must see all that the sweep before has done, and the lock on the row came later than its snapshot. */
async function position(tx: TransactionSql, head: string): Promise<number> {
  // The limit stands in the text, so that the plan is made for it.
  const { count } = await tx`
    with seen as (
      select id, row_number() over (order by id) as place
      from (select id from events where position is null order by id limit ${tx.unsafe(String(mostInSweep))}) as unseen
    )
    update events set position = ${head}::bigint + seen.place from seen where events.id = seen.id`
  await tx`update event_head set position = position + ${count}::int`
  return count
}

/** By the event's id and the job's name, so that what is there already is not there twice. */
async function enqueue(tx: TransactionSql, jobs: readonly Job[], after: string): Promise<void> {
  const follows = jobs.flatMap(({ name, on }) => on.map((type) => ({ name, type })))
  if (follows.length === 0) return
  await tx`
    with following as (
      select events.*, follows.name
      from events join jsonb_to_recordset(${JSON.stringify(follows)}::text::jsonb) as follows(name text, type text) using (type)
      where events.position > ${after}::bigint
      order by events.position
    ), specs as (
      select array_agg((name, json_build_object(
        'id', id::text, 'position', position::text, 'domain', domain, 'type', type, 'subject', subject,
        'partyId', party_id, 'agencyId', agency_id, 'at', at, 'actor', actor, 'ids', ids
      ), null, null, ${attempts}::int, id || ':' || name, null, null)::graphile_worker.job_spec) as all_of_them
      from following
    )
    select count(added) from specs, graphile_worker.add_jobs(all_of_them) as added where all_of_them is not null`
}
