import { createServer } from 'node:net'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { localFiles } from '../src/documents/files/localFiles.js'
import { scannerOf } from '../src/documents/uploads/scanner.js'
import { workerConnections } from '../src/events/job.js'
import {
  databaseDependency,
  filesDependency,
  scannerDependency,
  signingKeysDependency,
  startHealth,
  workerDependency,
} from '../src/health.js'
import { openPgPool } from '../src/platform/pgPool.js'
import { withoutSigningKeys } from '../src/shared/signingKeys.js'
import { cloneDatabase } from './support/database.js'
import { folderOfTest } from './support/folder.js'

const database = await cloneDatabase()

type Dependencies = Parameters<typeof startHealth>[0]['dependencies']

const readyz = (...dependencies: Dependencies) => readyzWithin(2_000, ...dependencies)

async function readyzWithin(patience: number, ...dependencies: Dependencies) {
  const { port, stop } = await startHealth({ host: '127.0.0.1', port: 0, dependencies, patience, log: { warn() {} } })
  onTestFinished(stop)
  const response = await fetch(`http://127.0.0.1:${port}/readyz`)
  return { code: response.status, report: await response.json() }
}

/** Says that to whoever connects. */
function listening(answer: string): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => socket.once('data', () => socket.end(answer)))
  onTestFinished(() => void server.close())
  return new Promise((settle) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address() as { port: number } // of TCP
      settle({ host: '127.0.0.1', port: address.port })
    })
  })
}

const up = { status: 'up' }
const isUp = { name: 'one', check: async () => undefined }
const isDown = { name: 'two', check: async () => 'is gone' }
const fails = { name: 'three', check: async () => Promise.reject(new Error('at 10.0.0.1: refused')) }
const hangs = { name: 'four', check: () => new Promise<never>(() => {}) }

describe('/readyz', () => {
  it.each([
    ['ready if everything answers', [isUp], 200, 'ready'],
    ['degraded if something that is not required is down', [isUp, isDown], 200, 'degraded'],
    [
      'unavailable if something that is required is down',
      [isUp, { ...isDown, isRequired: true as const }],
      503,
      'unavailable',
    ],
  ])('is %s', async (_case, dependencies, code, status) => {
    const { code: came, report } = await readyz(...dependencies)
    expect([came, report.status]).toEqual([code, status])
  })

  it('names each dependency, and shows nothing of why a check failed', async () => {
    const { report } = await readyzWithin(100, isUp, isDown, fails, hangs)
    expect(report.dependencies).toEqual({
      one: up,
      two: { status: 'down', reason: 'is gone' },
      three: { status: 'down', reason: 'does not answer' },
      four: { status: 'down', reason: 'does not answer' },
    })
  })

  it('reports the worker as up while one is connected to the database', async () => {
    const dependency = workerDependency(database)
    expect((await readyz(databaseDependency(database), dependency)).report.dependencies).toMatchObject({
      database: up,
      worker: { status: 'down' },
    })
    const name = `${workerConnections}test`
    const pool = openPgPool(database.url, { statementTimeout: 1000, connections: 1, name, lost: () => {} })
    afterAll(() => pool.end())
    await pool.query('select 1')
    expect((await readyz(dependency)).report.dependencies).toEqual({ worker: up })
  })

  it('reports the scanner as up if clamd answers PING', async () => {
    const scanner = async (answer: string) => scannerDependency(scannerOf(await listening(answer)))
    expect((await readyz(await scanner('PONG\0'))).report.status).toBe('ready')
    expect((await readyz(await scanner('INSTREAM?\0'))).report.status).toBe('degraded')
    expect((await readyz(scannerDependency(scannerOf({ host: '127.0.0.1', port: 1 })))).report.status).toBe('degraded')
  })

  it('reports files as down if their folder cannot be made', async () => {
    expect((await readyz(filesDependency(localFiles(folderOfTest(), 'sandbox')))).report.status).toBe('ready')
    expect((await readyz(filesDependency(localFiles('/dev/null/files', 'sandbox')))).report.status).toBe('degraded')
  })

  it('counts the agencies with active services that have no signing key', async () => {
    const [{ count } = {}] = await database.client`
      select count(distinct agency_id)::int as count from services where status = 'ACTIVE'`
    expect(count).toBeGreaterThan(0)
    expect(
      (await readyz(signingKeysDependency(database, withoutSigningKeys))).report.dependencies.signingKeys.reason,
    ).toContain(`${count} agencies`)
    const onDemand = { ...withoutSigningKeys, areMadeOnDemand: true }
    expect((await readyz(signingKeysDependency(database, onDemand))).report.dependencies).toEqual({ signingKeys: up })
  })
})
