import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { connect } from '../../src/shared/database.js'
import { newDataDir, postgresOf, start, stop, urlOf } from '../support/started.js'

async function ask(address: string): Promise<{ data?: unknown }> {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ agencies(first: 1) { nodes { code } } }' }),
  })
  return (await answer.json()) as { data?: unknown }
}

describe('SIGTERM', () => {
  test('answers what is under way, then ends, and PostgreSQL with it', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    const address = (await server.open) as string
    const holder = connect(urlOf(dataDir), { max: 1 })
    await holder`begin`
    await holder`lock table agencies in access exclusive mode`
    const answer = ask(address)
    await sleep(300)
    server.process.kill('SIGTERM')
    await sleep(300)
    expect(server.process.exitCode).toBeNull()
    await expect(ask(address)).rejects.toThrow()
    await holder`commit`
    await holder.end()
    const free = Date.now()
    expect(await answer).toMatchObject({ data: { agencies: { nodes: [{ code: expect.any(String) }] } } })
    expect(await server.ended).toEqual({ code: 0, errors: '' })
    expect(Date.now() - free).toBeLessThan(3000)
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  test('of somebody who has a connection open and asks nothing waits for nothing', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    await ask((await server.open) as string)
    const before = Date.now()
    expect(await stop(server)).toBe(0)
    expect(Date.now() - before).toBeLessThan(3000)
  })

  test('in the middle of a start ends it as soon as it stands', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    await sleep(900)
    expect(await stop(server)).toBe(0)
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  test('to npm start leaves nothing behind', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir, { command: ['npm', 'start'] })
    expect(await server.open).toBeDefined()
    server.process.kill('SIGTERM')
    await server.ended
    await expect.poll(() => processesOf(dataDir), { timeout: 5000 }).toEqual([])
  })
})

test('Ctrl-C, which reaches the whole group of npm, ends it once and cleanly', async () => {
  const dataDir = newDataDir()
  const server = start(dataDir, { command: ['npm', 'start'], detached: true })
  expect(await server.open).toBeDefined()
  process.kill(-(server.process.pid as number), 'SIGINT')
  await server.ended
  await expect.poll(() => processesOf(dataDir), { timeout: 5000 }).toEqual([])
  expect(readFileSync(join(dataDir, 'postgres/log'), 'utf8')).toMatch(/database system is shut down\n$/)
})

/** Every process that was told of this folder, by its environment or its parameters, or works in it. */
const processesOf = (dataDir: string) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => [...told(pid), workplace(pid)].some((text) => text.includes(dataDir)))

const told = (pid: string) => ['environ', 'cmdline'].map((file) => contents(`/proc/${pid}/${file}`))

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
