import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect, migrateDatabase } from '../../src/shared/database.js'
import { startEmbeddedPostgres } from '../../src/shared/embeddedPostgres.js'
import { start } from '../support/started.js'

const folder = mkdtempSync(join(tmpdir(), 'pencere-commands-'))
let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>
let client: ReturnType<typeof connect>
beforeAll(async () => {
  server = await startEmbeddedPostgres(folder)
  await migrateDatabase(server.url)
  client = connect(server.url, { max: 1 })
  await client`create table marks (id int generated always as identity, text text)`
})
afterAll(async () => {
  await client.end()
  await server.stop()
  rmSync(folder, { recursive: true })
})
beforeEach(() => client.unsafe('truncate marks restart identity; truncate command_keys'))

/** A command given by a process of its own: what it said, or undefined where it was killed first. */
function give({ text = 'one', failpoints = '' } = {}) {
  const asked = JSON.stringify({ url: server.url, key: 'key-of-fault', text, failpoints })
  const { process: child, ended } = start(folder, {
    command: [process.execPath, 'test/support/commandProcess.js', asked],
  })
  let said = ''
  child.stdout?.on('data', (chunk) => {
    said += chunk
  })
  const outcome = ended.then(({ errors }) => {
    expect(errors).toBe('')
    return child.signalCode === 'SIGKILL' ? undefined : JSON.parse(said)
  })
  return { child, outcome }
}
const given = (asked?: Parameters<typeof give>[0]) => give(asked).outcome

const standing = async () => {
  const [row] = await client`
    select (select count(*)::int from marks) marks, (select count(*)::int from command_keys) keys`
  return row
}
/** How many sessions stand still: within a transaction, or before a lock. */
const held = async (how: 'idle in transaction' | 'Lock') => {
  const [row] = await client`
    select count(*)::int as held from pg_stat_activity where state = ${how} or wait_event_type = ${how}`
  return row?.held
}

describe('A process that gives a command is killed', () => {
  test.each(['command.keyed', 'command.acted'])('at %s: nothing is there, and a repeat acts', async (name) => {
    expect(await given({ failpoints: `${name}=kill` })).toBeUndefined()
    expect(await standing()).toEqual({ marks: 0, keys: 0 })
    expect(await given()).toMatchObject({ replayed: false })
    expect(await standing()).toEqual({ marks: 1, keys: 1 })
  })

  test('at command.committed, before it could say so: it is there, and a repeat says what was made', async () => {
    expect(await given({ failpoints: 'command.committed=kill' })).toBeUndefined()
    expect(await standing()).toEqual({ marks: 1, keys: 1 })
    expect(await given()).toEqual({ made: { mark: '1' }, replayed: true })
    expect(await given({ text: 'two' })).toMatchObject({ refused: [{ code: 'KEY_REUSED' }] })
    expect(await standing()).toEqual({ marks: 1, keys: 1 })
  })

  test('while another waits for what will come of it: that one acts', async () => {
    const dying = give({ failpoints: 'command.acted=wait' })
    await expect.poll(() => held('idle in transaction'), { timeout: 20_000 }).toBe(1)
    const waiting = given()
    await expect.poll(() => held('Lock'), { timeout: 20_000 }).toBe(1)
    dying.child.kill('SIGKILL')
    expect(await dying.outcome).toBeUndefined()
    expect(await waiting).toMatchObject({ replayed: false })
    expect(await standing()).toEqual({ marks: 1, keys: 1 })
  })
})
