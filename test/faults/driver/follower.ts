import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { type Api, ask, keyOf } from './clients.js'

const query = `query($after: String) { catalogueChanges(first: 100, after: $after) {
  nodes { kind at service { id status } agency { id } } pageInfo { endCursor hasNextPage } } }`

interface Change {
  kind: string
  at: string
  service: { id: string; status: string } | null
  agency: { id: string } | null
}

/** A third party that keeps a copy of the catalogue in sync by the feed alone. */
export function follow(api: Api) {
  const seen: string[] = []
  const copy = new Map<string, string>()
  let after: string | null = null
  let stopping = false
  const readOn = async (): Promise<boolean> => {
    const answer = await ask(api, query, { after })
    const page = answer.data?.catalogueChanges
    const wrong = answer.errors?.find(({ extensions }) => !answer.passing.includes(extensions.code))
    if (wrong) throw new Error(`the reader was answered: ${wrong.extensions.code} ${wrong.message}`)
    for (const { kind, at, service, agency } of (page?.nodes ?? []) as Change[]) {
      seen.push(`${kind} ${new Date(at).toISOString()} ${keyOf(service?.id ?? agency?.id ?? 'nothing')}`)
      if (service) copy.set(keyOf(service.id), service.status)
    }
    after = page?.pageInfo.endCursor ?? after
    return page?.pageInfo.hasNextPage ?? false
  }
  const running = (async () => {
    while (!stopping) if (!(await readOn())) await sleep(100)
  })()
  running.catch(() => {}) // reported at the end
  /** The changes that it missed, once it has read to the end. */
  const faults = async (client: Sql): Promise<string[]> => {
    stopping = true
    await running
    while (await readOn());
    return [...faultsOfOrder(seen, await happened(client)), ...(await faultsOfCopy(copy, client))]
  }
  return { faults, seen: () => seen.length }
}

async function happened(client: Sql): Promise<string[]> {
  const rows = await client`
    select type, at, subject from events
    where domain in ('agencies', 'catalogue') and type <> 'service.suspension_ended' order by position`
  return rows.map(({ type, at, subject }) => `${type.toUpperCase().replace('.', '_')} ${at.toISOString()} ${subject}`)
}

function faultsOfOrder(seen: string[], happened: string[]): string[] {
  const at = Array.from({ length: Math.max(seen.length, happened.length) }).findIndex(
    (_, at) => seen[at] !== happened[at],
  )
  return at < 0
    ? []
    : [`the reader saw at ${at + 1} ${seen[at] ?? 'nothing'}; there stands ${happened[at] ?? 'nothing'}`]
}

/** The feed also contains services that only the seed touched. */
async function faultsOfCopy(copy: Map<string, string>, client: Sql): Promise<string[]> {
  const rows = await client`select id, status from services`
  return rows
    .filter(({ id, status }) => copy.get(id) !== status)
    .map(({ id, status }) => `the reader's copy of service ${id} is ${copy.get(id)}; in the catalogue it is ${status}`)
}
