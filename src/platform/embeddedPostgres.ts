import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
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
  removeUnfinished,
  role,
  type Settings,
  stopPostmaster,
} from './postmaster.js'
import { prepareFolder, runnerFor } from './privileges.js'

export interface EmbeddedPostgres {
  url: string
  /** Resolves with a line of explanation when the server ends unexpectedly. */
  lost: Promise<string>
  /** Stops the server, unless another process owns it. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Joins a server that another process runs, and leaves it running. */
  join?: boolean
  settings?: Settings
}

/** The owner keeps this lock for its lifetime, so no process number has to be trusted. */
const ownerLock = 723_642_300
/** Backends of a killed postmaster end after their statement, and lock the cluster until then. */
const patience = 15_000
/** A stopping server needs time; so does a command that started before the server it would have joined. */
const patienceWith = (owner: string) => (owner.startsWith('command') ? 60_000 : 1_500)
/** Another start won, or took the port; or a killed server is still ending. */
const passing = /lock file|shared memory|could not create any TCP|unexpected postmaster exit/

/** Starts the PostgreSQL of that folder, creates it at the first start, or takes it over if its owner has died. */
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
      if (link?.owner) {
        ownerDeadline ??= Date.now() + patienceWith(link.owner)
        if (Date.now() > ownerDeadline) throw new Error(`another server (${link.owner}) already uses ${dataDir}`)
        // It answers, so only the owner's deadline counts.
        deadline = Date.now() + patience
      }
    } else if (found) {
      // Recovery after a kill has no time limit.
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
  /** Undefined if this process is the owner. */
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

/**
 * If a server ends while a connection is being made, the driver never answers and nothing keeps the process waiting.
 */
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
  const [folder, prefix] = [dirname(home), `${basename(home)}.new-`]
  for (const name of readdirSync(folder)) if (name.startsWith(prefix)) removeUnfinished(join(folder, name))
  const cluster = join(home, 'cluster')
  const log = join(home, 'log')
  const before = statSync(log).size
  let owned = link
  let stopping = false
  /** Resolves when PostgreSQL has ended. A broken connection alone is repaired. */
  const gone = async () => {
    while (!stopping) {
      await owned.closed
      const found = postmasterOf(cluster)
      if (found?.pid !== pid) return
      const next = await linkTo(home, password, found, options).catch(() => undefined) // checked again below
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
