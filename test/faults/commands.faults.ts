import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../../src/platform/database.js'
import { postgresForFile, start } from '../support/started.js'

let url: string
let dataDir: string
let client: ReturnType<typeof connect>
beforeAll(async () => {
  ;({ dataDir, url } = await postgresForFile())
  client = connect(url, { max: 1 })
  await client`create table marks (id int generated always as identity, text text)`
})
afterAll(() => client.end())
beforeEach(() => client.unsafe('truncate marks restart identity; truncate command_keys'))

/** Runs a command in a separate process. Returns its answer, or undefined if the process was killed first. */
function give({ text = 'one', failpoints = '' } = {}) {
  const asked = JSON.stringify({ url, key: 'key-of-fault', text, failpoints })
  const { process: child, ended } = start(dataDir, {
    command: [process.execPath, 'test/support/commandProcess.js', asked],
  })
  const outcome = ended.then(({ output, errors }) => {
    expect(errors).toBe('')
    return child.signalCode === 'SIGKILL' ? undefined : JSON.parse(output)
  })
  return { child, outcome }
}
const given = (asked?: Parameters<typeof give>[0]) => give(asked).outcome

const standing = async () => {
  const [row] = await client`
    select (select count(*)::int from marks) marks, (select count(*)::int from command_keys) keys`
  return row
}
/** Counts sessions that are idle in a transaction or wait for a lock. */
const held = async (how: 'idle in transaction' | 'Lock') => {
  const [row] = await client`
    select count(*)::int as held from pg_stat_activity where state = ${how} or wait_event_type = ${how}`
  return row?.held
}

describe('A command whose process is killed', () => {
  it.each(['command.keyed', 'command.acted'])('leaves nothing at %s, and is done by its repeat', async (name) => {
    expect(await given({ failpoints: `${name}=kill` })).toBeUndefined()
    expect(await standing()).toEqual({ marks: 0, keys: 0 })
    expect(await given()).toMatchObject({ replayed: false })
    expect(await standing()).toEqual({ marks: 1, keys: 1 })
  })

  it('is done at command.committed, and its repeat answers what it made', async () => {
    expect(await given({ failpoints: 'command.committed=kill' })).toBeUndefined()
    expect(await standing()).toEqual({ marks: 1, keys: 1 })
    expect(await given()).toEqual({ made: { mark: '1' }, replayed: true })
    expect(await given({ text: 'two' })).toMatchObject({ userErrors: [{ code: 'KEY_REUSED' }] })
    expect(await standing()).toEqual({ marks: 1, keys: 1 })
  })

  it('is done by a repeat that was waiting for it', async () => {
    const dying = give({ failpoints: 'command.acted=wait' })
    await expect.poll(() => held('idle in transaction'), { timeout: 60_000 }).toBe(1)
    const waiting = given()
    await expect.poll(() => held('Lock'), { timeout: 60_000 }).toBe(1)
    dying.child.kill('SIGKILL')
    expect(await dying.outcome).toBeUndefined()
    expect(await waiting).toMatchObject({ replayed: false })
    expect(await standing()).toEqual({ marks: 1, keys: 1 })
  })
})
