import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connect } from '../../src/platform/database.js'
import { long } from '../support/long.js'
import { newDataDir, opened, postgresOf, start, stop, urlOf, usedDataDir } from '../support/started.js'

/** The maximum wait for an answer, a connection or a lock; anything faster has not waited. */
const longest = 60_000
const eventually = { timeout: 60_000, interval: 20 }

async function ask(address: string): Promise<{ data?: unknown }> {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ agencies(first: 1) { nodes { code } } }' }),
  })
  return (await answer.json()) as { data?: unknown }
}
const isRefused = (address: string) =>
  fetch(`${address}?query={__typename}`).then(
    () => false,
    () => true,
  )

describe('A server that gets SIGTERM', () => {
  it('answers what is under way, waits for no idle connection, takes no more, and ends with its PostgreSQL', async () => {
    const dataDir = usedDataDir()
    const environment = { REQUEST_TIMEOUT_MS: String(longest), LOCK_TIMEOUT_MS: String(longest) }
    const { server, address } = await opened(start(dataDir, { environment }))
    // Opens two connections, of which one is used again, and a third that never asks.
    await Promise.all([ask(address), ask(address)])
    const { hostname, port } = new URL(address)
    await once(createConnection(Number(port), hostname), 'connect')
    const holder = connect(urlOf(dataDir), { max: 1 })
    await holder`begin`
    await holder`lock table agencies in access exclusive mode`
    const answer = ask(address)
    await expect.poll(() => holder`select from pg_locks where not granted`, eventually).toHaveLength(1)
    server.process.kill('SIGTERM')
    await expect.poll(() => isRefused(address), eventually).toBe(true)
    expect(server.process.exitCode).toBeNull()
    const freed = Date.now()
    await holder`commit`
    await holder.end()
    expect(await answer).toMatchObject({ data: { agencies: { nodes: [{ code: expect.any(String) }] } } })
    expect(await server.ended).toMatchObject({ code: 0, errors: '' })
    expect(Date.now() - freed).toBeLessThan(longest)
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  const moments: [string, (dataDir: string) => boolean][] = [
    ['runs initdb', existsSync],
    ['starts PostgreSQL', (dataDir) => existsSync(join(dataDir, 'postgres/cluster/postmaster.pid'))],
  ]
  it.each(long ? moments : moments.slice(1))('ends with its PostgreSQL if it still %s', async (_, hasCome) => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    await expect.poll(() => hasCome(dataDir), { ...eventually, interval: 1 }).toBe(true)
    expect(await stop(server)).toBe(0)
    expect(postgresOf(dataDir)).toBeUndefined()
  })
})

describe('npm start', () => {
  // npm would build first, but others use the built files.
  const command = ['npm', 'start', '--ignore-scripts']

  it('leaves nothing behind after SIGTERM', async () => {
    const dataDir = usedDataDir()
    const { server } = await opened(start(dataDir, { command }))
    server.process.kill('SIGTERM')
    await server.ended
    await expect.poll(() => processesOf(dataDir), eventually).toEqual([])
  })

  it('stops once and cleanly after Ctrl-C, which reaches its whole process group', async () => {
    const dataDir = usedDataDir()
    const { server } = await opened(start(dataDir, { command, detached: true }))
    process.kill(-(server.process.pid as number), 'SIGINT')
    await server.ended
    await expect.poll(() => processesOf(dataDir), eventually).toEqual([])
    expect(readFileSync(join(dataDir, 'postgres/log'), 'utf8')).toMatch(/database system is shut down\n$/)
  })
})

/** Every process with this folder in its environment, parameters or working directory. */
const processesOf = (dataDir: string) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => [...startedWith(pid), workplace(pid)].some((text) => text.includes(dataDir)))

const startedWith = (pid: string) => ['environ', 'cmdline'].map((file) => contents(`/proc/${pid}/${file}`))

function workplace(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
