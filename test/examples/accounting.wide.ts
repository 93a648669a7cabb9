import { execFileSync, spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filings } from '../../src/filings/filing.table.js'
import { startAuthority } from '../../src/sandbox/authorityServer.js'
import { certify } from '../../src/sandbox/certify.js'
import { seedPersonas } from '../../src/sandbox/seedPersonas.js'
import { trustOfSandbox } from '../../src/sandbox/trust.js'
import { cloneDatabase } from '../support/database.js'
import { keyringOfTest } from '../support/keyring.js'
import { openLogin } from '../support/login.js'
import { createServer } from '../support/server.js'
import { testSigningKeys } from '../support/signingKeys.js'

const cwd = 'examples/accounting'
const log = { error() {}, warn() {} }
const { config } = await openLogin()
const [database, keyring] = [await cloneDatabase(), keyringOfTest()]
const authority = await startAuthority({ dataDir: config.dataDir, port: config.authorityPort as number, log })
const trust = trustOfSandbox(config, { log })
const app = await createServer({ config, database, keyring, trust, signingKeys: testSigningKeys() })
afterAll(async () => {
  await app.close()
  await authority.stop()
})

/** What happens to the next requests that file: refused for now, or their response is lost. */
const mishaps: ('busy' | 'lost')[] = []
const files = (body: unknown) => JSON.stringify(body ?? null).includes('submitFilings')
app.addHook('preHandler', async ({ body }, reply) => {
  const mishap = files(body) && mishaps.shift()
  if (mishap === 'busy') return await reply.code(503).header('retry-after', '0').send({})
  // What has been done is committed when the response is written. No hook of Fastify sees that.
  if (mishap === 'lost') reply.raw.end = () => reply.raw.destroy()
})

beforeAll(async () => {
  // As `npm start` of the example does first. Its packages are among those of the project.
  execFileSync('npm', ['run', '--silent', 'prestart'], { cwd, stdio: 'pipe' })
  await seedPersonas(database, keyring, config)
  await certify('accounting-firm', config)
  await app.listen({ port: 0, host: '127.0.0.1' })
})

/** The last line that the program prints, and its exit code. */
async function run() {
  const { port } = app.server.address() as AddressInfo
  const env = { ...process.env, PORT: `${port}`, DATA_DIR: config.dataDir }
  const program = spawn(process.execPath, ['dist/main.js'], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed, code] = await Promise.all([
    text(program.stdout),
    new Promise((settle) => program.on('close', settle)),
  ])
  const lines = printed.trim().split('\n')
  return { counts: JSON.parse(lines.at(-1) ?? ''), lines: lines.slice(0, -1), code }
}

describe('examples/accounting', () => {
  it('files a year of returns of three clients once, although responses are lost and it runs twice', async () => {
    mishaps.push('lost', 'busy')
    const first = await run()
    expect(first).toMatchObject({ counts: { filed: 30, repeated: 6, refused: 0 }, code: 0 })
    expect(mishaps).toEqual([])
    const second = await run()
    expect(second).toEqual({ ...first, counts: { filed: 0, repeated: 36, refused: 0 } })
    const [stored] = await database.db.select({ count: sql<number>`count(*)::int` }).from(filings)
    expect(stored?.count).toBe(36)
  })
})
