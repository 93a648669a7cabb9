import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  findMark,
  isRoot,
  leaveMark,
  newDataDir,
  postgresOf,
  type Started,
  start,
  stop,
  withClient,
} from '../support/started.js'

async function startWithMark(dataDir: string) {
  const server = start(dataDir)
  expect(await server.open).toBeDefined()
  await leaveMark(dataDir)
  return { server, postgres: postgresOf(dataDir) as number }
}

async function expectWholeStart(dataDir: string) {
  const next = start(dataDir)
  expect(await next.open).toBeDefined()
  expect(await findMark(dataDir)).toBe(7)
  expect(await stop(next)).toBe(0)
  expect(postgresOf(dataDir)).toBeUndefined()
}

describe('the server was killed', () => {
  test('the next start takes its PostgreSQL over, and stops it at the end', async () => {
    const dataDir = newDataDir()
    const { server, postgres } = await startWithMark(dataDir)
    server.process.kill('SIGKILL')
    await server.ended
    expect(postgresOf(dataDir)).toBe(postgres)

    const next = start(dataDir)
    expect(await next.open).toBeDefined()
    expect(postgresOf(dataDir)).toBe(postgres)
    expect(await findMark(dataDir)).toBe(7)
    expect(await stop(next)).toBe(0)
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  test('with its initdb, half way: the next start begins anew, and clears up', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir, { detached: true })
    await expect.poll(() => initdbBegun(dataDir), { interval: 5, timeout: 10_000 }).toBe(true)
    await killAll(server)
    expect(readdirSync(dataDir)).toEqual([expect.stringMatching(/^postgres\.new-/)])
    await expectCleanStart(dataDir)
  })

  test('at any moment of the first start: the next start is whole, and clears up', async () => {
    const seed = Number(process.env.FAULT_SEED ?? Date.now() % 100_000)
    console.log(`FAULT_SEED=${seed}`)
    for (let round = 0; round < 6; round++) {
      const dataDir = newDataDir()
      const server = start(dataDir, { detached: true })
      await sleep(150 + ((seed * (round + 1) * 7919) % 1500))
      await killAll(server)
      await expectCleanStart(dataDir)
    }
  })
})

const initdbBegun = (dataDir: string) =>
  existsSync(dataDir) && readdirSync(dataDir).some((name) => existsSync(join(dataDir, name, 'cluster/base')))

/** The server and what it is waiting for; PostgreSQL has a group of its own. */
async function killAll(server: Started) {
  process.kill(-(server.process.pid as number), 'SIGKILL')
  await server.ended
}

async function expectCleanStart(dataDir: string) {
  const next = start(dataDir)
  expect(await next.open).toBeDefined()
  expect(readdirSync(dataDir).filter((name) => name.startsWith('postgres'))).toEqual(['postgres'])
  expect(await stop(next)).toBe(0)
}

describe('PostgreSQL was killed', () => {
  test.each([
    ['alone', (postmaster: number) => process.kill(postmaster, 'SIGKILL')],
    ['with all its backends', (postmaster: number) => process.kill(-postmaster, 'SIGKILL')],
  ])('%s: the server says so in one line and ends; the next start recovers', async (_how, kill) => {
    const dataDir = newDataDir()
    const { server, postgres } = await startWithMark(dataDir)
    kill(postgres)
    const { code, errors } = await server.ended
    expect(code).toBe(1)
    expect(errors).toMatch(/^pencere: PostgreSQL in \S+ has ended: (it said nothing|.* unexpected postmaster exit)\n$/)
    await expectWholeStart(dataDir)
  })

  test('alone, and a statement still holds its shared memory: the next start waits for that', async () => {
    const dataDir = newDataDir()
    const { server, postgres } = await startWithMark(dataDir)
    // Not pg_sleep, which would notice.
    const busy = withClient(
      dataDir,
      (client) => client`
        do $$ declare until timestamptz := clock_timestamp() + interval '4 s';
          begin while clock_timestamp() < until loop end loop; end $$`,
    ).catch(() => {})
    await sleep(200)
    process.kill(postgres, 'SIGKILL')
    await server.ended
    await expectWholeStart(dataDir)
    expect(readFileSync(join(dataDir, 'postgres/log'), 'utf8')).toContain('is still in use')
    await busy
  })

  test('and its process number is now that of another program', async () => {
    const dataDir = newDataDir()
    const { server, postgres } = await startWithMark(dataDir)
    process.kill(-postgres, 'SIGKILL')
    await server.ended
    const pidFile = join(dataDir, 'postgres/cluster/postmaster.pid')
    // PostgreSQL looks away from processes of other users.
    const { uid } = statSync(pidFile)
    const neighbour = spawn('sleep', ['60'], isRoot ? { uid } : {})
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(neighbour.pid)))
    try {
      await expectWholeStart(dataDir)
      expect(neighbour.exitCode).toBeNull()
    } finally {
      neighbour.kill()
    }
  })
})
