import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Sql } from 'postgres'
import { afterEach } from 'vitest'
import { connect } from '../../src/shared/database.js'

/** A server in a process of its own. */
export interface Started {
  process: ChildProcess
  /** Its address, or undefined if it ended before it was open. */
  open: Promise<string | undefined>
  /** Where people sign in, if that is a part of it. */
  login: Promise<string | undefined>
  ended: Promise<{ code: number | null; errors: string }>
}

export interface StartOptions extends SpawnOptions {
  environment?: Record<string, string>
  checkout?: string
  command?: string[]
}

export const isRoot = process.getuid?.() === 0

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

export function temporaryFolder({ mode = 0o755, owner = process.getuid?.() ?? 0 } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'pencere-fault-'))
  chmodSync(folder, mode)
  chownSync(folder, owner, owner)
  cleanups.push(() => {
    killPostgres(join(folder, 'data'))
    rmSync(folder, { recursive: true, maxRetries: 5 })
  })
  return folder
}

/** The path of a folder that does not exist yet. It is removed after the test. */
export const newDataDir = () => join(temporaryFolder(), 'data')

export function start(dataDir: string, options: StartOptions = {}): Started {
  const { environment, checkout = resolve('.'), command = [process.execPath, 'dist/main.js'], ...spawning } = options
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, {
    cwd: checkout,
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'error', DATA_DIR: dataDir, ...environment },
    ...spawning,
  })
  let said = ''
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const ended = new Promise<{ code: number | null; errors: string }>((settle) => {
    child.on('close', (code) => settle({ code, errors }))
  })
  child.stdout?.on('data', (chunk) => {
    said += chunk
  })
  const told = (line: RegExp) =>
    new Promise<string | undefined>((settle) => {
      child.stdout?.on('data', () => {
        const address = line.exec(said)?.[1]
        if (address) settle(address)
      })
      ended.then(() => settle(undefined))
    })
  const [open, login] = [told(/open: (\S+)/), told(/Sign in: (\S+)/)]
  cleanups.push(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { process: child, open, login, ended }
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

/** Commits a row before a fault, which `findMark` reads after it. */
export const leaveMark = (dataDir: string) =>
  withClient(dataDir, (client) => client`create table mark as select 7 as kept`)
export const findMark = async (dataDir: string) =>
  (await withClient(dataDir, (client) => client`select kept from mark`))[0]?.kept

function killPostgres(dataDir: string): void {
  const pid = postgresOf(dataDir)
  // Its backends go with its process group.
  if (pid) process.kill(-pid, 'SIGKILL')
}
