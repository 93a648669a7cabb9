import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, afterEach, inject } from 'vitest'
import { connect } from '../../src/platform/database.js'
import { startEmbeddedPostgres } from '../../src/platform/embeddedPostgres.js'
import { type Timings, usualTimings } from '../../src/platform/timings.js'
import { forShortRuns } from './long.js'

/** A server in a process of its own, as somebody starts it. */
export interface Started {
  process: ChildProcess
  /** Its address, or undefined if it ended before it was open. */
  open: Promise<string | undefined>
  /** Where people sign in, if that is a part of it. */
  login: Promise<string | undefined>
  /** What it has written so far. */
  output(): string
  /** Settles when it has written that, with the first group of the expression; with undefined if it ends without. */
  written(line: RegExp): Promise<string | undefined>
  ended: Promise<{ code: number | null; output: string; errors: string }>
}

/** How long a folder or a process is kept: until its test is over, or all tests of the file. */
type Lifetime = 'test' | 'file'

export interface StartOptions extends SpawnOptions {
  environment?: Record<string, string>
  checkout?: string
  command?: string[]
  lifetime?: Lifetime
}

export const isRoot = process.getuid?.() === 0

const cleanups: Record<Lifetime, (() => unknown)[]> = { test: [], file: [] }
async function cleanUp(lifetime: Lifetime): Promise<void> {
  for (const cleanup of cleanups[lifetime].splice(0).reverse()) await cleanup()
}
afterEach(() => cleanUp('test'))
afterAll(() => cleanUp('file'))

interface FolderOptions {
  mode?: number
  owner?: number
  lifetime?: Lifetime
}

export function temporaryFolder(options: FolderOptions = {}): string {
  const { mode = 0o755, owner = process.getuid?.() ?? 0, lifetime = 'test' } = options
  const folder = mkdtempSync(join(tmpdir(), 'pencere-fault-'))
  chmodSync(folder, mode)
  chownSync(folder, owner, owner)
  cleanups[lifetime].push(() => {
    killPostgres(join(folder, 'data'))
    rmSync(folder, { recursive: true, maxRetries: 5 })
  })
  return folder
}

/** A DATA_DIR for a first start: it does not exist yet. */
export const newDataDir = () => join(temporaryFolder(), 'data')

/** A DATA_DIR as a first start has left it, so that a test which is not about that start need not wait for it. */
export function usedDataDir(options: FolderOptions = {}): string {
  const dataDir = join(temporaryFolder(options), 'data')
  execFileSync('cp', ['-a', inject('usedDataDir'), dataDir])
  if (options.owner) execFileSync('chown', ['-R', `${options.owner}:${options.owner}`, dataDir])
  return dataDir
}

export function start(dataDir: string, options: StartOptions = {}): Started {
  const {
    environment,
    checkout = resolve('.'),
    command = [process.execPath, 'dist/main.js'],
    lifetime = 'test',
    ...spawning
  } = options
  const [program = '', ...parameters] = command
  // The processes that it forks get these as well.
  const flags = basename(program) === 'node' ? forShortRuns : []
  const child = spawn(program, [...flags, ...parameters], {
    cwd: checkout,
    env: { PATH: process.env.PATH, PORT: '0', WORKER_PORT: '0', LOG_LEVEL: 'error', DATA_DIR: dataDir, ...environment },
    ...spawning,
  })
  let output = ''
  let errors = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const ended = new Promise<{ code: number | null; output: string; errors: string }>((settle) => {
    child.on('close', (code) => settle({ code, output, errors }))
  })
  const written = (line: RegExp) =>
    new Promise<string | undefined>((settle) => {
      const look = () => {
        const found = line.exec(output)
        if (found) settle(found[1])
      }
      look()
      child.stdout?.on('data', look)
      ended.then(() => settle(undefined))
    })
  cleanups[lifetime].push(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [open, login] = [written(/open: (\S+)\n/), written(/Sign in: (\S+)\n/)]
  return { process: child, open, login, output: () => output, written, ended }
}

/** A server with other timings than the usual ones. */
export const timedBy = (changes: Partial<Timings>) => ({
  command: [process.execPath, 'test/support/timedServer.js', JSON.stringify({ ...usualTimings, ...changes })],
})

/** A start of the embedded PostgreSQL without a server, for what is not about the rest. */
export const postgresAlone = { command: [process.execPath, 'test/support/postgresProcess.js'] }

export const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

/** A server that is open. Throws what it wrote if it has ended instead. */
export async function opened(server: Started): Promise<{ server: Started; address: string }> {
  const address = await server.open
  if (!address) throw new Error(`the server must open; ${(await server.ended).errors}`)
  return { server, address }
}

/**
 * The server that the tests of a file share, on a DATA_DIR that was used before. It is started when a test first asks for
 * it, and started again for the next test when one has ended it.
 */
export function sharedServer(options: Pick<StartOptions, 'environment' | 'command'> & { dataDir?: string } = {}) {
  let { dataDir } = options
  let server: Started | undefined
  return async () => {
    dataDir ??= usedDataDir({ lifetime: 'file' })
    if (!server || hasEnded(server.process)) server = start(dataDir, { ...options, lifetime: 'file' })
    return { dataDir, ...(await opened(server)) }
  }
}

/** A PostgreSQL without a server, for all tests of the file: migrated and seeded. */
export async function postgresForFile(settings = {}): Promise<{ dataDir: string; url: string }> {
  const dataDir = usedDataDir({ lifetime: 'file' })
  const { url, stop } = await startEmbeddedPostgres(dataDir, { settings })
  cleanups.file.push(stop)
  return { dataDir, url }
}

export async function stop({ process, ended }: Started): Promise<number | null> {
  process.kill('SIGTERM')
  return (await ended).code
}

/** The embedded PostgreSQL of a DATA_DIR: its process, if it lives. */
export function postgresOf(dataDir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0])
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataDir) ? pid : undefined
  } catch {
    return undefined
  }
}

export function urlOf(dataDir: string): string {
  const port = readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[3]
  return `postgres://pencere:${readFileSync(join(dataDir, 'postgres/password'), 'utf8')}@127.0.0.1:${port}/postgres`
}

export async function withClient<T>(dataDir: string, act: (client: Sql) => Promise<T>): Promise<T> {
  const client = connect(urlOf(dataDir), { max: 2 })
  try {
    return await act(client)
  } finally {
    await client.end({ timeout: 1 })
  }
}

/** Cuts every client connection but the caller's own, the supervisor's included. */
export const cutConnections = (client: Sql) => client`
  select pg_terminate_backend(pid) from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid()`

/** Commits a row before a fault, for `hasMark` to look for after it. */
export const leaveMark = (dataDir: string) =>
  withClient(dataDir, async (client) => {
    await client`create table if not exists marks (id int generated always as identity)`
    const [row] = await client<[{ id: number }]>`insert into marks default values returning id`
    return row.id
  })
export const hasMark = (dataDir: string, mark: number) =>
  withClient(dataDir, async (client) => (await client`select from marks where id = ${mark}`).length === 1)

function killPostgres(dataDir: string): void {
  const pid = postgresOf(dataDir)
  // Its backends go with its process group.
  if (pid) process.kill(-pid, 'SIGKILL')
}
