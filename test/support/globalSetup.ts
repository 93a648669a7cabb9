import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { connect } from '../../src/platform/database.js'
import { startEmbeddedPostgres } from '../../src/platform/embeddedPostgres.js'
import { postmasterOf, stopPostmaster } from '../../src/platform/postmaster.js'
import { databasesOfTests, templateDatabase } from './templateDatabase.js'

declare module 'vitest' {
  export interface ProvidedContext {
    databaseServer: string
  }
}

/** One PostgreSQL for the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL
  const server = given === undefined ? await temporaryServer() : await clearedServer(given)
  project.provide('databaseServer', server.url)
  return server.stop
}

/** Without what an earlier run has left: its template, and clones that no file took. */
async function clearedServer(url: string) {
  const client = connect(url, { max: 1 })
  await client`drop database if exists ${client(templateDatabase)}`
  const left = await client`select datname from pg_database where starts_with(datname, ${databasesOfTests})`
  for (const { datname } of left) await client`drop database if exists ${client(datname)} with (force)`
  await client.end()
  return { url, stop: async () => {} }
}

/** In memory where there is room: each clone of the template is some hundred files, and making those takes a tenth there. */
function roomyFolder(): string {
  const memory = '/dev/shm'
  const room = 2 ** 30
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > room ? memory : tmpdir()
}

/** Stops and removes what runs that were killed have left: it would keep its memory. */
async function clearLeftovers(place: string): Promise<void> {
  for (const name of readdirSync(place)) {
    const [, run] = /^pencere-run-(\d+)-/.exec(name) ?? []
    if (!run || isAlive(Number(run))) continue
    const folder = join(place, name)
    const cluster = join(folder, 'postgres', 'cluster')
    const found = postmasterOf(cluster)
    if (found) await stopPostmaster(cluster, found.pid)
    rmSync(folder, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A password is hashed thousands of times for each connection. Nobody else reaches the socket, whose folder is closed. */
const rulesOfAccess = `
local all all trust
host all all 127.0.0.1/32 scram-sha-256
`

async function temporaryServer() {
  const place = roomyFolder()
  await clearLeftovers(place)
  const folder = mkdtempSync(join(place, `pencere-run-${process.pid}-`))
  const socketFolder = join(folder, 'postgres')
  const access = join(folder, 'access')
  writeFileSync(access, rulesOfAccess)
  const server = await startEmbeddedPostgres(folder, {
    settings: {
      unix_socket_directories: socketFolder,
      hba_file: access,
      // Nobody needs these rows after a loss of power.
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      autovacuum: 'off',
      // The usual second is long for those who wait.
      deadlock_timeout: 100,
      max_connections: 200,
    },
  })
  const stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  }
  return { url: throughSocket(server.url, socketFolder), stop }
}

/** A statement through a Unix socket takes half the processor time of one through TCP, on both sides. */
function throughSocket(url: string, folder: string): string {
  const { hostname } = new URL(url)
  return url.replace(`@${hostname}:`, `@${encodeURIComponent(folder)}:`)
}
