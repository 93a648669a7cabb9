import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { connect } from './database.js'
import {
  type Launched,
  lastWords,
  launch,
  makeCluster,
  type Postmaster,
  postmasterOf,
  programs,
  role,
  type Settings,
  stopPostmaster,
} from './postmaster.js'
import { prepareFolder, runnerFor } from './privileges.js'

export interface EmbeddedPostgres {
  url: string
  /** Settles, with a line that says so, when the server has gone without being asked to. */
  lost: Promise<string>
  /** Stops the server, unless it was joined and so belongs to another process. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Where another process has it running, use it with that process, and leave it running. */
  join?: boolean
  settings?: Settings
}

/** Held by the one process that owns the server, for as long as it does: nothing to guess from process numbers. */
const ownerLock = 723_642_300
/** Backends whose postmaster was killed end with their statement, and hold the cluster until then. */
const patience = 15_000
/** A server may be on its way out; a command, which was quicker than the server it would have joined, ends soon. */
const patienceWith = (owner: string) => (owner.startsWith('command') ? 10_000 : 1_500)
/** Another start was quicker, or took the port; or one that was killed is not quite gone, and may have the last word. */
const passing = /lock file|shared memory|could not create any TCP|unexpected postmaster exit/

/** Runs the PostgreSQL of that folder, made at the first start, or takes it over where its owner has died. */
export async function startEmbeddedPostgres(dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const binaries = await programs()
  prepareFolder(dataDir)
  const runner = runnerFor(dataDir, [binaries.initdb, binaries.postgres])
  const home = join(realpathSync(dataDir), 'postgres')
  if (!existsSync(home)) await makeCluster(home, binaries, runner)
  const password = passwordIn(home)

  let launched: Launched | undefined
  let refusal = 'it does not answer'
  let deadline = Date.now() + patience
  let ownerDeadline: number | undefined
  while (Date.now() < deadline) {
    const found = postmasterOf(join(home, 'cluster'))
    if (found?.status === 'ready') {
      const link = await linkTo(home, password, found, options).catch((error: Error) => {
        refusal = error.message
      })
      if (link && (!link.owner || options.join)) return serverOf(home, found, link, options, password)
      await link?.client.end()
      if (link?.owner) ownerDeadline ??= Date.now() + patienceWith(link.owner)
      if (link?.owner && ownerDeadline && Date.now() > ownerDeadline)
        throw new Error(`another server (${link.owner}) already uses ${dataDir}`)
    } else if (found) {
      // Recovery after a kill takes as long as it takes.
      deadline = Date.now() + patience
    } else {
      launched ??= await launch(home, binaries, runner, options.settings ?? {})
    }
    if (launched?.ended) {
      refusal = launched.lastWords()
      if (!passing.test(refusal)) break
      launched = undefined
    }
    await sleep(25)
  }
  throw new Error(`PostgreSQL in ${home} cannot be used: ${refusal}`)
}

interface Link {
  url: string
  client: Sql
  closed: Promise<void>
  /** Undefined: we are. */
  owner: string | undefined
}

/** Throws if the server is not the one of this folder. */
async function linkTo(
  home: string,
  password: string,
  { pid, port }: Postmaster,
  { join: isCommand }: EmbeddedOptions,
): Promise<Link> {
  const url = `postgres://${role}:${password}@127.0.0.1:${port}/postgres`
  let close = () => {}
  const closed = new Promise<void>((settle) => {
    close = settle
  })
  const name = `${isCommand ? 'command' : 'process'} ${process.pid}`
  const client = connect(url, { max: 1, onclose: close, connection: { application_name: name } })
  try {
    const [server] = await answered(client<[{ folder: string; owned: boolean; owner: string | null }]>`
      select current_setting('data_directory') as folder, pg_try_advisory_lock(${ownerLock}) as owned,
        (select application_name from pg_locks join pg_stat_activity using (pid)
          where locktype = 'advisory' and classid = 0 and objid = ${ownerLock} and granted) as owner`)
    if (server.folder !== join(home, 'cluster')) throw new Error(`process ${pid} serves ${server.folder}`)
    return { url, client, closed, owner: server.owned ? undefined : (server.owner ?? 'starting or stopping') }
  } catch (error) {
    await client.end({ timeout: 0 })
    throw error
  }
}

/** A server that goes away while a connection is made leaves the driver without an answer, and with nothing to wait for. */
async function answered<T>(asked: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it does not answer')), 3000)
  })
  try {
    return await Promise.race([asked, silent])
  } finally {
    clearTimeout(timer)
  }
}

async function serverOf(
  home: string,
  { pid }: Postmaster,
  link: Link,
  options: EmbeddedOptions,
  password: string,
): Promise<EmbeddedPostgres> {
  if (link.owner) {
    await link.client.end()
    return { url: link.url, lost: new Promise(() => {}), stop: async () => {} }
  }
  removeUnfinished(home)
  const cluster = join(home, 'cluster')
  const log = join(home, 'log')
  const before = statSync(log).size
  let owned = link
  let stopping = false
  /** Settles when PostgreSQL has gone. A broken connection is not that: it is made again. */
  const gone = async () => {
    while (!stopping) {
      await owned.closed
      const found = postmasterOf(cluster)
      if (found?.pid !== pid) return
      const next = await linkTo(home, password, found, options).catch(() => undefined) // looked at again below
      if (next && !next.owner) owned = next
      else {
        await next?.client.end()
        await sleep(100)
      }
    }
  }
  const lost = new Promise<string>((settle) => {
    gone().then(() => !stopping && settle(`PostgreSQL in ${home} has ended: ${lastWords(log, before)}`))
  })
  const stop = async () => {
    stopping = true
    await stopPostmaster(cluster, pid)
    await owned.client.end()
  }
  return { url: link.url, lost, stop }
}

function passwordIn(home: string): string {
  try {
    return readFileSync(join(home, 'password'), 'utf8')
  } catch (error) {
    throw new Error(`${home} must belong to the user who starts the server; ${(error as Error).message}`)
  }
}

/** What starts that were killed during initdb left behind. */
function removeUnfinished(home: string): void {
  for (const name of readdirSync(dirname(home)).filter((name) => name.startsWith(`${basename(home)}.new-`)))
    rmSync(join(dirname(home), name), { recursive: true, force: true, maxRetries: 3 })
}
