import { cpSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { freshKeyring, textOf } from '../../src/shared/keyring.js'
import {
  findMark,
  leaveMark,
  newDataDir,
  postgresOf,
  type Started,
  start,
  stop,
  urlOf,
  withClient,
} from '../support/started.js'

const seed = (dataDir: string) => start(dataDir, { command: [process.execPath, 'dist/seed.js'] })

async function expectOneServes(dataDir: string, starts: Started[]) {
  const open = await Promise.all(starts.map((server) => server.open))
  const serving = starts.filter((_server, at) => open[at])
  expect(serving).toHaveLength(1)
  for (const refused of starts.filter((server) => !serving.includes(server))) {
    const { code, errors } = await refused.ended
    expect(code).toBe(1)
    expect(errors).toBe(`pencere: another server (process ${serving[0]?.process.pid}) already uses ${dataDir}\n`)
  }
  expect(await stop(serving[0] as Started)).toBe(0)
  expect(postgresOf(dataDir)).toBeUndefined()
}

describe('on one DATA_DIR', () => {
  test('of several first starts at once one serves, and the others are told which', async () => {
    const dataDir = newDataDir()
    await expectOneServes(dataDir, [start(dataDir), start(dataDir), start(dataDir)])
  })

  test('of two later starts at once one serves', async () => {
    const dataDir = newDataDir()
    const first = start(dataDir)
    await first.open
    expect(await stop(first)).toBe(0)
    await expectOneServes(dataDir, [start(dataDir), start(dataDir)])
  })

  test('a second start is told so, and leaves the first alone', async () => {
    const dataDir = newDataDir()
    const first = start(dataDir)
    expect(await first.open).toBeDefined()
    await expectOneServes(dataDir, [first, start(dataDir)])
  })

  test('a start while the last one is stopping follows it', async () => {
    const dataDir = newDataDir()
    const first = start(dataDir)
    expect(await first.open).toBeDefined()
    await leaveMark(dataDir)
    first.process.kill('SIGTERM')
    const second = start(dataDir)
    expect((await first.ended).code).toBe(0)
    expect(await second.open).toBeDefined()
    expect(await findMark(dataDir)).toBe(7)
    expect(await stop(second)).toBe(0)
  })

  test('a copy of it, made while it serves, is a server of its own', async () => {
    const [dataDir, copy] = [newDataDir(), newDataDir()]
    const first = start(dataDir)
    expect(await first.open).toBeDefined()
    await withClient(dataDir, (client) => client`checkpoint`)
    cpSync(dataDir, copy, { recursive: true })
    const second = start(copy)
    expect(await second.open).toBeDefined()
    expect(postgresOf(copy)).not.toBe(postgresOf(dataDir))
    expect(await stop(second)).toBe(0)
    expect(await stop(first)).toBe(0)
  })
})

test('on one DATABASE_URL several first starts at once all serve', async () => {
  const dataDir = newDataDir()
  const host = start(dataDir)
  expect(await host.open).toBeDefined()
  await withClient(dataDir, (client) => client`create database several`)
  const DATABASE_URL = urlOf(dataDir).replace(/postgres$/, 'several')
  // Their keys are those of the database, so they are given to each.
  const environment = { DATABASE_URL, SANDBOX_ALLOWS: 'database-url', KEYRING: textOf(freshKeyring()) }
  const starts = [1, 2, 3].map(() => start(newDataDir(), { environment }))
  for (const server of starts) expect(await server.open).toBeDefined()
  for (const server of starts) expect(await stop(server)).toBe(0)
  expect(await stop(host)).toBe(0)
})

describe('a seed of its own', () => {
  test('joins the server that runs, and does not stop it', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    expect(await server.open).toBeDefined()
    const postgres = postgresOf(dataDir)
    expect((await seed(dataDir).ended).code).toBe(0)
    expect(postgresOf(dataDir)).toBe(postgres)
    expect(await stop(server)).toBe(0)
  })

  test('where none runs starts PostgreSQL, and stops it', async () => {
    const dataDir = newDataDir()
    expect((await seed(dataDir).ended).code).toBe(0)
    expect(postgresOf(dataDir)).toBeUndefined()
    const server = start(dataDir)
    expect(await server.open).toBeDefined()
    expect(await withClient(dataDir, (client) => client`select from services limit 1`)).toHaveLength(1)
    expect(await stop(server)).toBe(0)
  })

  test('at the same time as the first start: both have what they came for, whoever is first', async () => {
    for (const milliseconds of [0, 200, 400, 600]) {
      const dataDir = newDataDir()
      const server = start(dataDir)
      await sleep(milliseconds)
      expect(await seed(dataDir).ended).toEqual({ code: 0, errors: '' })
      expect(await server.open).toBeDefined()
      expect(await stop(server)).toBe(0)
    }
  })
})
