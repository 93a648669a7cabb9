import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { accesses } from '../../src/exchange/accessLog/access.table.js'
import { accessCheckpoints } from '../../src/exchange/accessLog/accessCheckpoint.table.js'
import { copyIn } from '../../src/exchange/accessLog/copyCheckpoints.js'
import { verifyAccessLog } from '../../src/exchange/accessLog/verifyAccessLog.js'
import { makeParty } from '../../src/identity/parties/party.js'
import { PartyKind } from '../../src/identity/parties/party.table.js'
import { type Database, openDatabase } from '../../src/platform/database.js'
import type { Keyring } from '../../src/platform/keyring.js'
import { keyringOf } from '../../src/platform/keyringFile.js'
import { lookingIn } from '../exchange/looking.js'
import { long } from '../support/long.js'
import { postgresForFile, type Started, start, stop } from '../support/started.js'

let url: string
let dataDir: string
let keyring: Keyring
let database: Database
let looking: Awaited<ReturnType<typeof lookingIn>>
beforeAll(async () => {
  ;({ dataDir, url } = await postgresForFile())
  keyring = keyringOf(configFrom({ DATA_DIR: dataDir }))
  database = await openDatabase(url, { connections: 4, statementTimeout: 20_000 })
  const subject = await database.db.transaction((tx) => makeParty(tx, keyring, PartyKind.NATURAL_PERSON, new Date()))
  looking = await lookingIn(database, subject.party)
})
afterAll(() => database.close())

const startWorker = (copy: string, failpoints = '') => {
  const asked = JSON.stringify({ url, folder: join(dataDir, copy), failpoints })
  return start(dataDir, { command: [process.execPath, 'test/support/workerProcess.js', asked] })
}
const killed = async ({ process: child, ended }: Started) => {
  expect(await ended).toMatchObject({ code: null, errors: '' })
  expect(child.signalCode).toBe('SIGKILL')
}
const eventually = { timeout: 60_000, interval: 50 }
const log = (count: number) => looking.log(...Array.from({ length: count }, () => looking.look()))

/** Everything that was logged has a checkpoint, and the copy has each checkpoint once. */
async function expectCovered(copy: string, rows: number) {
  const checkpoints = async () => (await database.db.select().from(accessCheckpoints)).length
  const copied = () => readFileSync(copyIn(join(dataDir, copy)), 'utf8').split('\n').length - 1
  const uncovered = () => database.client`select 1 from accesses where position is null`
  await expect.poll(uncovered, eventually).toEqual([])
  await expect.poll(async () => copied() - (await checkpoints()), eventually).toBe(0)
  const { faults, lines } = await verifyAccessLog({ database, keyring, now: () => new Date() }, [join(dataDir, copy)])
  expect(faults).toEqual([])
  expect(await database.db.$count(accesses)).toBe(rows)
  expect(lines[0]).toContain(`Covered: ${rows} rows by ${await checkpoints()} checkpoints, `)
}

let rows = 0
describe('The access log', () => {
  it.each(['access.placed', 'access.signed', 'access.committed', 'access.copying', 'access.copied'])(
    'is covered and copied once by the next worker after one was killed at %s',
    async (name) => {
      await log(20)
      rows += 20
      await killed(startWorker('one', `${name}=kill`))
      await log(5)
      rows += 5
      startWorker('one')
      await expectCovered('one', rows)
    },
  )

  it('is covered and copied once by workers that are killed beside others, while more is logged', async () => {
    const steady = [startWorker('one'), startWorker('two')]
    for (const name of ['access.signed', 'access.copying', ...(long ? ['access.placed', 'access.copied'] : [])]) {
      const dying = startWorker('one', `${name}=kill`)
      while (dying.process.signalCode === null) {
        await log(7)
        rows += 7
        await new Promise((settle) => setTimeout(settle, 100))
      }
      await killed(dying)
    }
    await expectCovered('one', rows)
    await expectCovered('two', rows)
    for (const worker of steady) expect(await stop(worker)).toBe(0)
  })

  it('is covered by another worker when one hangs while it covers rows, which PostgreSQL ends', async () => {
    const hanging = startWorker('one', 'access.placed=wait')
    await log(3)
    rows += 3
    const hangs = () => database.client`
      select 1 from pg_stat_activity where state = 'idle in transaction' and query like '%accesses%'`
    await expect.poll(hangs, eventually).toHaveLength(1)
    startWorker('one')
    await expectCovered('one', rows)
    expect(hanging.process.exitCode).toBeNull()
  })
})

describe('npm run verify-log', () => {
  it('says what it looked at, and exits with 1 if there is a fault', async () => {
    const verify = (...folders: string[]) =>
      start(dataDir, {
        environment: { ACCESS_LOG_DIR: join(dataDir, 'one') },
        command: [process.execPath, 'dist/verifyLog.js', ...folders],
      }).ended
    const whole = await verify()
    expect(whole).toMatchObject({ code: 0, errors: '' })
    expect(whole.output).toMatch(
      /^Covered: \d+ rows by \d+ checkpoints, with \d+ recorded references\.\nNot covered yet: none\.\nCopy: .*\nNo faults found\.\n$/,
    )
    await database.client.unsafe(`
      set session_replication_role = replica; update accesses set actor = 'nobody' where position = 2; reset session_replication_role`)
    expect(await verify(join(dataDir, 'one'), join(dataDir, 'nowhere'))).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^The row at position 2 was changed\.\n\/.*nowhere.* does not exist\..*\n$/),
    })
  })
})
