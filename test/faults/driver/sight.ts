import { readdirSync, readFileSync } from 'node:fs'
import { type Started, withClient } from '../../support/started.js'

/** Processes, sessions, jobs and log at this moment, for finding the cause of a failure. */
export async function sightOf(dataDir: string, server: Started): Promise<string> {
  const log = server.output().trimEnd().split('\n').slice(-20)
  const database = await withClient(dataDir, async (client) => [
    ...(await client`
      select pid, application_name, state, wait_event_type, wait_event, now() - xact_start as in_transaction,
        pg_blocking_pids(pid) as behind, left(regexp_replace(query, '\s+', ' ', 'g'), 200) as query
      from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'`),
    ...(await client`
      select id, task_identifier, key, attempts, last_error, run_at, locked_at, locked_by,
        locked_by in (select application_name from pg_stat_activity) as worker_lives
      from graphile_worker.jobs`),
  ]).catch((error: Error) => [`the database does not answer: ${error.message}`])
  return [
    `at ${new Date().toISOString()}`,
    ...processesBelow(server.process.pid as number),
    ...database.map((row) => JSON.stringify(row)),
    ...log,
  ]
    .map((line) => line.slice(0, 500))
    .join('\n  ')
}

/** A process state is a letter: R runs, S sleeps, D waits for a disk, T is stopped. */
const processesBelow = (supervisor: number) =>
  readdirSync('/proc').flatMap((pid) => {
    try {
      const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      if (Number(parent) !== supervisor) return []
      return [`process ${pid} ${state} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`]
    } catch {
      return [] // no process, or one that has ended
    }
  })
