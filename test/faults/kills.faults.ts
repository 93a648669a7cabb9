import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { long } from '../support/long.js'
import {
  hasMark,
  isRoot,
  leaveMark,
  newDataDir,
  opened,
  postgresAlone,
  postgresOf,
  type Started,
  type StartOptions,
  sharedServer,
  start,
  stop,
  withClient,
} from '../support/started.js'

const eventually = { interval: 5, timeout: 60_000 }
const serving = sharedServer()
const alone = sharedServer(postgresAlone)

/** The shared server, with a row committed before the fault. */
async function withMark(share: typeof serving) {
  const { dataDir, server } = await share()
  const mark = await leaveMark(dataDir)
  return { dataDir, server, mark, postgres: postgresOf(dataDir) as number }
}

const hasFile = (path: string) => (dataDir: string) => existsSync(join(dataDir, path))
const answersTo = (query: string) => (dataDir: string) =>
  withClient(dataDir, (client) => client.unsafe(query)).then(
    (rows) => rows.length > 0,
    () => false, // it does not answer yet, or has no such table
  )
const initdbRuns = (dataDir: string) =>
  existsSync(dataDir) && readdirSync(dataDir).some((name) => existsSync(join(dataDir, name, 'cluster/base')))

/** Shows how far a first start has come, and what has to start for that. */
const moments: [string, (dataDir: string) => boolean | Promise<boolean>, StartOptions?][] = [
  ['initdb runs', initdbRuns, postgresAlone],
  ['tables are made', answersTo(`select where to_regclass('drizzle.__drizzle_migrations') is not null`)],
  ['PostgreSQL is started', hasFile('postgres/cluster/postmaster.pid')],
  ['the catalogue is seeded', answersTo('select from installation')],
  ['personas are added', answersTo('select from services limit 1')],
]

describe('A server whose PostgreSQL is killed', () => {
  it.each([
    ['alone', (postmaster: number) => process.kill(postmaster, 'SIGKILL')],
    ['with all its backends', (postmaster: number) => process.kill(-postmaster, 'SIGKILL')],
  ])('(%s) ends with one line, and loses nothing', async (_how, kill) => {
    const { dataDir, server, mark, postgres } = await withMark(serving)
    kill(postgres)
    const { code, errors } = await server.ended
    expect(code).toBe(1)
    expect(errors).toMatch(/^pencere: PostgreSQL in \S+ has ended: (it said nothing|.* unexpected postmaster exit)\n$/)
    const { server: next } = await opened(start(dataDir, postgresAlone))
    expect(await hasMark(dataDir, mark)).toBe(true)
    expect(await stop(next)).toBe(0)
  })
})

describe('A PostgreSQL that was killed', () => {
  it('is started again once no statement uses its shared memory', async () => {
    const { dataDir, server, mark, postgres } = await withMark(alone)
    const said = () => readFileSync(join(dataDir, 'postgres/log'), 'utf8')
    // It must not wait: only a waiting backend notices that the postmaster has died. Nothing else would end it if this test fails.
    const busy = withClient(
      dataDir,
      (client) => client`
        do $$ begin
          while (pg_stat_file('let_go', true)).size is null and clock_timestamp() < now() + '5 minutes' loop end loop;
        end $$`,
    ).catch(() => {}) // its connection breaks in the end
    await expect.poll(() => answersTo(isBusy)(dataDir), eventually).toBe(true)
    process.kill(postgres, 'SIGKILL')
    await server.ended
    const next = alone()
    await expect.poll(said, eventually).toContain('is still in use')
    writeFileSync(join(dataDir, 'postgres/cluster/let_go'), '')
    await next
    expect(await hasMark(dataDir, mark)).toBe(true)
    await busy
  })
  const isBusy = `select from pg_stat_activity where state = 'active' and query like '%let_go%' and pid <> pg_backend_pid()`

  it('is started again when its process number belongs to another program', async () => {
    const { dataDir, server, mark, postgres } = await withMark(alone)
    process.kill(-postgres, 'SIGKILL')
    await server.ended
    const pidFile = join(dataDir, 'postgres/cluster/postmaster.pid')
    // PostgreSQL ignores processes of other users.
    const { uid } = statSync(pidFile)
    const neighbour = spawn('sleep', ['600'], isRoot ? { uid } : {})
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(neighbour.pid)))
    try {
      await alone()
      expect(await hasMark(dataDir, mark)).toBe(true)
      expect(neighbour.exitCode).toBeNull()
    } finally {
      neighbour.kill()
    }
  })
})

describe('A start after the server was killed', () => {
  it('takes over the PostgreSQL that was left running, and stops it at the end', async () => {
    const { dataDir, server, mark, postgres } = await withMark(alone)
    server.process.kill('SIGKILL')
    await server.ended
    expect(postgresOf(dataDir)).toBe(postgres)
    const next = await alone()
    expect(postgresOf(dataDir)).toBe(postgres)
    expect(await hasMark(dataDir, mark)).toBe(true)
    expect(await stop(next.server)).toBe(0)
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  it.each(long ? moments : moments.slice(0, 2))(
    'succeeds and leaves nothing behind if that was a first start in which %s',
    async (_moment, hasCome, options = {}) => {
      // A long run also kills a little later.
      for (const delay of long ? [0, 50, 250] : [0]) {
        const dataDir = newDataDir()
        const server = start(dataDir, { ...options, detached: true })
        await expect.poll(() => hasCome(dataDir), eventually).toBe(true)
        await sleep(delay)
        await killAll(server)
        const { server: next } = await opened(start(dataDir, options))
        expect(readdirSync(dataDir).filter((name) => name.startsWith('postgres'))).toEqual(['postgres'])
        expect(await stop(next)).toBe(0)
      }
    },
  )
})

/** The server and its PostgreSQL, which has its own process group. */
async function killAll(server: Started) {
  process.kill(-(server.process.pid as number), 'SIGKILL')
  await server.ended
}
