import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { long } from '../support/long.js'
import {
  hasMark,
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
  usedDataDir,
  withClient,
} from '../support/started.js'

const serving = sharedServer()
const seed = (dataDir: string) => start(dataDir, { command: [process.execPath, 'dist/seed.js'] })

async function expectOneServes(dataDir: string, starts: Started[]): Promise<Started> {
  const open = await Promise.all(starts.map((server) => server.open))
  const [serving, ...others] = starts.filter((_server, at) => open[at])
  expect(others).toEqual([])
  for (const refused of starts.filter((server) => server !== serving)) {
    const { code, errors } = await refused.ended
    expect(code).toBe(1)
    expect(errors).toBe(`pencere: another server (process ${serving?.process.pid}) already uses ${dataDir}\n`)
  }
  return serving as Started // one is open
}

describe('Of several starts on one DATA_DIR', () => {
  it('one serves when all are first starts, and the others name it', async () => {
    const dataDir = newDataDir()
    const starts = Array.from({ length: long ? 3 : 2 }, () => start(dataDir))
    expect(await stop(await expectOneServes(dataDir, starts))).toBe(0)
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  it('one serves when the folder was used before, and another follows it once it is stopping', async () => {
    const dataDir = usedDataDir()
    const server = await expectOneServes(dataDir, [start(dataDir), start(dataDir)])
    const mark = await leaveMark(dataDir)
    server.process.kill('SIGTERM')
    const next = start(dataDir, postgresAlone)
    expect((await server.ended).code).toBe(0)
    await opened(next)
    expect(await hasMark(dataDir, mark)).toBe(true)
    expect(await stop(next)).toBe(0)
  })
})

describe('A copy of a DATA_DIR', () => {
  it('has a PostgreSQL of its own, even if it was made while the first one serves', async () => {
    const { dataDir } = await serving()
    const copy = newDataDir()
    await withClient(dataDir, (client) => client`checkpoint`)
    cpSync(dataDir, copy, { recursive: true })
    await opened(start(copy, postgresAlone))
    expect(postgresOf(copy)).not.toBe(postgresOf(dataDir))
  })
})

describe('npm run seed', () => {
  it('joins the server that runs, and does not stop it', async () => {
    const { dataDir } = await serving()
    const postgres = postgresOf(dataDir)
    expect((await seed(dataDir).ended).code).toBe(0)
    expect(postgresOf(dataDir)).toBe(postgres)
  })

  it('starts PostgreSQL where no server runs, and stops it', async () => {
    const dataDir = newDataDir()
    expect((await seed(dataDir).ended).code).toBe(0)
    expect(postgresOf(dataDir)).toBeUndefined()
    await opened(start(dataDir, postgresAlone))
    expect(await withClient(dataDir, (client) => client`select from services limit 1`)).toHaveLength(1)
  })

  const moments: [string, (dataDir: string) => boolean, StartOptions?][] = [
    ['at the same moment as a first start', () => true],
    ['when a first start has called initdb', existsSync, postgresAlone],
    ['when a first start has made PostgreSQL', (dataDir) => existsSync(join(dataDir, 'postgres'))],
    ['when a first start has started PostgreSQL', (dataDir) => postgresOf(dataDir) !== undefined],
  ]
  it.each(long ? moments : moments.slice(0, 2))(
    'succeeds %s, and so does that',
    async (_moment, hasCome, options = {}) => {
      const dataDir = newDataDir()
      const server = start(dataDir, options)
      await expect.poll(() => hasCome(dataDir), { interval: 5, timeout: 60_000 }).toBe(true)
      expect(await seed(dataDir).ended).toMatchObject({ code: 0, errors: '' })
      await opened(server)
      expect(await stop(server)).toBe(0)
    },
  )
})
