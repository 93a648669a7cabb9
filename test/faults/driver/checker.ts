import type { Sql } from 'postgres'
import type { Deed } from './deed.js'
import type { Journal } from './journal.js'

/** A quick check after each return of PostgreSQL: is everything acknowledged still there? */
export async function faultsOfKeys(client: Sql, journal: Journal): Promise<string[]> {
  const done = journal.done()
  const rows = await client`select key, mutation, made from command_keys`
  const kept = new Map(rows.map((row) => [row.key, row]))
  return done
    .filter(({ key, deed, made }) => {
      const row = kept.get(key)
      return row?.mutation !== deed || !Object.values(row.made).includes(made)
    })
    .map(({ key, deed }) => `lost: ${deed} ${key} was acknowledged, and its key is not kept`)
}

/** Each thing has one event for each acknowledged command: fewer means lost, more means executed twice. */
export async function faultsOfEvents(client: Sql, journal: Journal, deeds: Deed[]): Promise<string[]> {
  const acknowledged = new Map<string, number>()
  const typeOf = new Map(deeds.map(({ name, event }) => [name, event]))
  for (const { deed, made } of journal.done()) {
    const what = `${typeOf.get(deed)} of ${made}`
    acknowledged.set(what, (acknowledged.get(what) ?? 0) + 1)
  }
  const rows = await client`
    select type || ' of ' || subject as what, count(*)::int from events
    where split_part(actor, ':', 1) in ('operator', 'person', 'officer') and type in ${client([...typeOf.values()])} group by 1`
  const stand = new Map(rows.map(({ what, count }) => [what as string, count as number]))
  return [...new Set([...acknowledged.keys(), ...stand.keys()])].flatMap((what) => {
    const [wanted, found] = [acknowledged.get(what) ?? 0, stand.get(what) ?? 0]
    if (found === wanted) return []
    return [`${found < wanted ? 'lost' : 'done twice'}: ${what}: ${wanted} acknowledged, ${found} events`]
  })
}

/** An unacknowledged key was refused or never ran: all clients have waited for their answers. */
export async function faultsOfStrangers(client: Sql, journal: Journal, deeds: Deed[]): Promise<string[]> {
  const done = new Set(journal.done().map(({ key }) => key))
  const names = deeds.map(({ name }) => name)
  const rows = await client`select key, mutation from command_keys where mutation in ${client(names)}`
  return rows
    .filter(({ key }) => !done.has(key))
    .map(({ key, mutation }) => `${mutation} ${key} was done, and no client was answered`)
}

export async function faultsOfPositions(client: Sql): Promise<string[]> {
  const [row] = await client`
    select count(*)::int as all, count(position)::int as placed, max(position)::int as last,
      (select position::int from event_head) as head from events`
  const dense = row && row.all === row.placed && row.all === row.last && row.all === row.head
  return dense ? [] : [`positions must be dense, from 1; they are ${JSON.stringify(row)}`]
}

/** A job that has not run must at least exist as a row. At the end, after enough time, none is left. */
export async function faultsOfJobs(client: Sql): Promise<string[]> {
  const rows = await client`select key, attempts, last_error from graphile_worker.jobs`
  return rows.map(({ key, attempts, last_error: error }) => `job ${key} is left after ${attempts} attempts: ${error}`)
}
