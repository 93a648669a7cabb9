import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accesses, accessSeals } from '../../src/exchange/access.table.js'
import { copyIn } from '../../src/exchange/copySeals.js'
import { verifyAccessLog } from '../../src/exchange/verifyAccessLog.js'
import { makeParty } from '../../src/identity/party.js'
import { PartyKind } from '../../src/identity/party.table.js'
import { seed } from '../../src/seed.js'
import { type Database, migrateDatabase, openDatabase } from '../../src/shared/database.js'
import { startEmbeddedPostgres } from '../../src/shared/embeddedPostgres.js'
import { keyringFrom } from '../../src/shared/keyring.js'
import { lookingIn } from '../exchange/looking.js'
import { type Started, start, stop } from '../support/started.js'

const folder = mkdtempSync(join(tmpdir(), 'pencere-access-log-'))
let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>
let database: Database
let looking: Awaited<ReturnType<typeof lookingIn>>
beforeAll(async () => {
  server = await startEmbeddedPostgres(folder)
  await migrateDatabase(server.url)
  database = await openDatabase(server.url, { connections: 4, statementTimeout: 20_000 })
  await seed(database)
  const subject = await database.db.transaction((tx) => makeParty(tx, keyring, PartyKind.NATURAL_PERSON, new Date()))
  looking = await lookingIn(database, subject.party)
})
afterAll(async () => {
  await database.close()
  await server.stop()
  rmSync(folder, { recursive: true })
})

const key = (byte: number) => [{ id: 'k1', secret: Buffer.alloc(32, byte).toString('base64') }]
// The last as in test/support/workerProcess.js.
const KEYRING = JSON.stringify({ wrapping: key(2), blindIndex: key(3), commands: key(4), accessLog: key(1) })
const keyring = keyringFrom(KEYRING, 'KEYRING')

const startWorker = (copy: string, failpoints = '') =>
  start(folder, {
    command: [
      ...[process.execPath, 'test/support/workerProcess.js'],
      JSON.stringify({ url: server.url, folder: join(folder, copy), failpoints }),
    ],
  })
const killed = async ({ process: child, ended }: Started) => {
  expect(await ended).toEqual({ code: null, errors: '' })
  expect(child.signalCode).toBe('SIGKILL')
}
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 50 })
const log = (count: number) => looking.log(...Array.from({ length: count }, () => looking.look()))

/** All that was logged is sealed, and stands in the copy; nothing of it twice. */
async function expectSettled(copy: string, rows: number) {
  const seals = async () => (await database.db.select().from(accessSeals)).length
  const copied = () => readFileSync(copyIn(join(folder, copy)), 'utf8').split('\n').length - 1
  const unsealed = () => database.client`select 1 from accesses where position is null`
  await expect.poll(unsealed, within(20)).toEqual([])
  await expect.poll(async () => copied() - (await seals()), within(20)).toBe(0)
  const { faults, told } = await verifyAccessLog({ database, keyring, now: () => new Date() }, [join(folder, copy)])
  expect(faults).toEqual([])
  expect(await database.db.$count(accesses)).toBe(rows)
  expect(told[0]).toBe(`Sealed: ${rows} rows under ${await seals()} seals.`)
}

let rows = 0
describe('A worker is killed', () => {
  test.each(['access.placed', 'access.sealed', 'access.committed', 'access.copying', 'access.copied'])(
    'at %s: the next seals and copies what is left, once',
    async (name) => {
      await log(20)
      rows += 20
      await killed(startWorker('one', `${name}=kill`))
      await log(5)
      rows += 5
      startWorker('one')
      await expectSettled('one', rows)
    },
  )

  test('again and again beside others, while more is logged: nothing is left out', async () => {
    const steady = [startWorker('one'), startWorker('two')]
    for (const name of ['access.placed', 'access.sealed', 'access.copying', 'access.copied']) {
      const dying = startWorker('one', `${name}=kill`)
      while (dying.process.signalCode === null) {
        await log(7)
        rows += 7
        await new Promise((settle) => setTimeout(settle, 100))
      }
      await killed(dying)
    }
    await expectSettled('one', rows)
    await expectSettled('two', rows)
    for (const worker of steady) expect(await stop(worker)).toBe(0)
  })
})

test('A worker that hangs over a seal is ended by PostgreSQL, and another goes on', async () => {
  const hanging = startWorker('one', 'access.placed=wait')
  await log(3)
  rows += 3
  const hangs = () => database.client`
    select 1 from pg_stat_activity where state = 'idle in transaction' and query like '%accesses%'`
  await expect.poll(hangs, within(20)).toHaveLength(1)
  startWorker('one')
  await expectSettled('one', rows)
  expect(hanging.process.exitCode).toBeNull()
})

test('npm run verify-log says what it looked at, and by its exit code whether there is a fault', async () => {
  const verify = async (...folders: string[]) => {
    const environment = {
      ...{ DATABASE_URL: server.url, SANDBOX_ALLOWS: 'database-url', ACCESS_LOG_DIR: join(folder, 'one') },
      KEYRING,
    }
    const command = start(folder, { environment, command: [process.execPath, 'dist/verifyLog.js', ...folders] })
    let said = ''
    command.process.stdout?.on('data', (chunk) => {
      said += chunk
    })
    return { ...(await command.ended), said }
  }
  const whole = await verify()
  expect(whole).toMatchObject({ code: 0, errors: '' })
  expect(whole.said).toMatch(
    /^Sealed: \d+ rows under \d+ seals\.\nNot sealed yet: none\.\nCopy: .*\nNo fault was found\.\n$/,
  )
  await database.client.unsafe(`
    set session_replication_role = replica; update accesses set actor = 'nobody' where position = 2; reset session_replication_role`)
  expect(await verify(join(folder, 'one'), join(folder, 'nowhere'))).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^The row at position 2 was changed\.\nThere must be a copy .*nowhere.*\n$/),
  })
})
