import type { TransactionSql } from 'postgres'
import { failpoint } from '../engine/failpoint.js'
import type { Database } from '../platform/database.js'
import type { Job } from './job.js'

/** Maximum number of events that get a position in one sweep. */
export const sweepLimit = 1000
/** Maximum number of events searched in one sweep for a job that some worker did not know. */
export const catchUpLimit = 10_000
/** Attempts of a job. With pauses of e^n seconds, at most six hours, they take nearly three days. */
const attempts = 20
/** Milliseconds after which PostgreSQL ends a hanging sweep, so that another sequencer continues. */
const patience = '5000'

/** Event types and their jobs, as the statements below read them. */
const followsOf = (jobs: readonly Job[]) =>
  JSON.stringify(jobs.flatMap(({ name, on }) => on.map((type) => ({ name, type }))))

/**
 * A new job follows from everything that happens from now on, even while an older worker assigns positions. Jobs with a
 * head are excluded first: `on conflict` alone would wait for a sweep that moves it.
 */
export async function beginJobs({ client }: Pick<Database, 'client'>, jobs: readonly Job[]): Promise<void> {
  await client`
    insert into job_heads (name, position)
    select distinct name, position from jsonb_to_recordset(${followsOf(jobs)}::text::jsonb) as follows(name text), event_head
    where not exists (select from job_heads where job_heads.name = follows.name)
    on conflict do nothing`
}

/**
 * Assigns positions to newly visible events and enqueues their jobs, in one transaction. The lock on the row of the
 * last position is the leader election: another sequencer finds nothing to do.
 */
export async function sweep({ client }: Pick<Database, 'client'>, jobs: readonly Job[]): Promise<number> {
  const follows = followsOf(jobs)
  const [unseen] = await client`
    (select 1 from events where position is null limit 1) union all
    (select 1 from job_heads join event_head on job_heads.position < event_head.position
      where name in (select name from jsonb_to_recordset(${follows}::text::jsonb) as follows(name text)) limit 1)
    limit 1`
  if (!unseen) return 0
  const count = await client.begin('isolation level read committed', async (tx) => {
    const [head] = await tx<{ position: string }[]>`
      select position, set_config('idle_in_transaction_session_timeout', ${patience}, true)
      from event_head for update skip locked`
    if (!head) return 0
    const count = await position(tx, head.position)
    if (jobs.length > 0) await enqueue(tx, follows, head.position, count)
    if (count > 0) await tx`select pg_notify('events', (${head.position}::bigint + ${count}::int)::text)`
    await failpoint('sequencer.positioned')
    return count
  })
  await failpoint('sequencer.swept')
  return count
}

/** A separate statement: it must see what the previous sweep did, and the lock was acquired after the snapshot. */
async function position(tx: TransactionSql, head: string): Promise<number> {
  // The limit is in the text, so the planner knows it.
  const { count } = await tx`
    with seen as (
      select id, row_number() over (order by id) as place
      from (select id from events where position is null order by id limit ${tx.unsafe(String(sweepLimit))}) as unseen
    )
    update events set position = ${head}::bigint + seen.place from seen where events.id = seen.id`
  await tx`update event_head set position = position + ${count}::int`
  return count
}

/**
 * Continues each job from its own head, which is behind if an older worker swept; the one furthest behind leads. The
 * key of event id and job name prevents duplicates.
 */
async function enqueue(tx: TransactionSql, follows: string, head: string, count: number): Promise<void> {
  await tx`
    with follows as (
      select name, type, coalesce(job_heads.position, ${head}::bigint) as head
      from jsonb_to_recordset(${follows}::text::jsonb) as follows(name text, type text) left join job_heads using (name)
    ), range as (
      select min(head) as behind, least(min(head) + ${catchUpLimit}::int, ${head}::bigint + ${count}::int) as ahead from follows
    ), moved as (
      insert into job_heads (name, position) select distinct name, ahead from follows, range where head < ahead
      on conflict (name) do update set position = excluded.position
    ), following as (
      select events.*, follows.name
      from events join follows using (type)
      where events.position > (select behind from range) and events.position <= (select ahead from range)
        and events.position > head
      order by events.position
    ), specs as (
      select array_agg((name, json_build_object(
        'id', id::text, 'position', position::text, 'domain', domain, 'type', type, 'subject', subject,
        'partyId', party_id, 'agencyId', agency_id, 'serviceCode', service_code, 'at', at, 'actor', actor, 'ids', ids
      ), null, null, ${attempts}::int, id || ':' || name, null, null)::graphile_worker.job_spec) as all_of_them
      from following
    )
    select count(added) from specs, graphile_worker.add_jobs(all_of_them) as added where all_of_them is not null`
}
