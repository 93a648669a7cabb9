import { connect as connectTcp, type Socket } from 'node:net'
import { setImmediate as immediately, setTimeout as sleep } from 'node:timers/promises'
import type { ISql, Options } from 'postgres'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/platform/database.js'
import { cloneDatabase } from '../support/database.js'

const clone = await cloneDatabase()
const server = new URL(clone.url)
// The server of a run listens at both: its URL has the folder of the Unix socket.
const host = server.hostname.startsWith('%2F') ? '127.0.0.1' : server.hostname
await clone.client`create table written (what text)`
beforeEach(() => clone.client`truncate written`)

function opened(options: Options<Record<string, never>> = {}) {
  let socket: Socket | undefined
  const toServer = () => {
    socket = connectTcp(Number(server.port), host)
    return socket
  }
  // The cast: the driver's types do not know that a socket can be given.
  const client = connect(clone.url, { max: 1, ...options, socket: toServer } as typeof options)
  onTestFinished(() => client.end({ timeout: 1 }))
  return { client, cut: (error?: Error): unknown => socket?.destroy(error) }
}
const ownPid = async (client: ISql) => (await client`select pg_backend_pid() as pid`)[0]?.pid
const terminate = (pid: number) => clone.client`select pg_terminate_backend(${pid})`
/** As many at once as need each connection of the pool, and one more. */
const answers = async (client: ISql) =>
  (await Promise.all([1, 2, 3].map((number) => client`select ${number}::int as number`))).map(([row]) => row?.number)

describe('A transaction', () => {
  it('is rejected when its connection is lost during a statement, and the pool reconnects', async () => {
    const { client } = opened({ max: 2 })
    const transaction = client.begin(async (tx) => {
      const pid = await ownPid(tx)
      const slept = tx`select pg_sleep(10)`.execute()
      await terminate(pid)
      await slept
    })
    await expect(transaction).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(await answers(client)).toEqual([1, 2, 3])
  })

  it('runs nothing outside of itself when its connection is lost between two statements', async () => {
    const { client } = opened({ max: 1 })
    let asked: Promise<unknown> = Promise.resolve()
    const transaction = client.begin(async (tx) => {
      await tx`insert into written values ('before')`
      await terminate(await ownPid(tx))
      // By others, who have its connection by now.
      await expect.poll(() => answers(client).catch(() => [])).toEqual([1, 2, 3])
      asked = tx`insert into written values ('after')`.execute()
      await asked
    })
    await expect(transaction).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await expect.poll(() => asked.then(String, ({ code }) => code)).toBe('CONNECTION_CLOSED')
    expect(await clone.client`select * from written`).toEqual([])
    expect(await client.begin((tx) => answers(tx))).toEqual([1, 2, 3])
  })

  it('is rejected at its next statement when its connection was lost between two', async () => {
    const { client } = opened()
    let told: unknown
    const transaction = client.begin(async (tx) => {
      await terminate(await ownPid(tx))
      await sleep(50)
      told = await tx`insert into written values ('after')`.catch(({ code }) => code)
    })
    await expect(transaction).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await expect.poll(() => told).toBe('CONNECTION_CLOSED')
    expect(await answers(client)).toEqual([1, 2, 3])
  })
})

describe('A lost connection', () => {
  it('leaves nothing of the statement that it was sending to the next connection', async () => {
    const cutAt = (_connection: number, statement: string) =>
      statement.startsWith('insert') && queueMicrotask(() => cut())
    const { client, cut } = opened({ debug: cutAt })
    await client`select 1`
    await immediately() // so that it would be written in the next turn of the loop, and the end of the socket comes in this one
    const sent = client`insert into written values ('lost')`
    await expect(sent).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(await answers(client)).toEqual([1, 2, 3])
  })

  it('leaves no later statement without an answer', async () => {
    const { client, cut } = opened()
    await client`select 1`
    const slept = client`select pg_sleep(10)`.execute()
    const next = slept.catch(() => client`select 1`)
    await sleep(50)
    cut(new Error('reset'))
    await expect(Promise.race([next.then(String, ({ code }) => code), sleep(5000)])).resolves.toBe('CONNECTION_CLOSED')
    expect(await answers(client)).toEqual([1, 2, 3])
  })

  it('fails the statement that terminated it, and no later one', async () => {
    const { client } = opened()
    await expect(client`select pg_terminate_backend(pg_backend_pid())`).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    })
    expect(await answers(client)).toEqual([1, 2, 3])
  })

  it('is reopened when it is lost while the driver reads the types of arrays', async () => {
    const { client } = opened({ fetch_types: true })
    const { asked } = await clone.client.begin(async (tx) => {
      await tx`lock table pg_catalog.pg_type in access exclusive mode`
      const asked = client`select ${['a']}::text[] as texts`.execute()
      const waiting = () => tx<{ pid: number }[]>`
        select pid from pg_locks where relation = 'pg_catalog.pg_type'::regclass and not granted`
      await expect.poll(waiting).toHaveLength(1)
      for (const { pid } of await waiting()) await tx`select pg_terminate_backend(${pid})`
      return { asked }
    })
    expect(await asked).toEqual([{ texts: ['a'] }])
  })

  it('fails the statement whose driver could not read the types of arrays', async () => {
    const { client } = opened({ fetch_types: true, connection: { statement_timeout: 100 } })
    await clone.client.begin(async (tx) => {
      await tx`lock table pg_catalog.pg_type in access exclusive mode`
      await expect(client`select 1`).rejects.toMatchObject({ code: '57014' })
    })
  })
})

describe('A failed statement', () => {
  it('leaves no rows in the answer of the next one', async () => {
    const { client } = opened()
    await expect(client`select 1 / (3 - number) from generate_series(1, 5) as number`).rejects.toMatchObject({
      code: '22012',
    })
    expect(await client`select 1 as number`).toEqual([{ number: 1 }])
  })
})

describe('connect', () => {
  it('refuses a driver that is not patched', () => {
    const unpatched = (() => undefined) as never // all that is looked at is the mark of the patch
    expect(() => connect(clone.url, {}, unpatched)).toThrow(
      'the driver of PostgreSQL must be patched first: npm run postinstall',
    )
  })
})
