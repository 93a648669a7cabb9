import { randomUUID } from 'node:crypto'
import { closeSync, copyFileSync, openSync, readFileSync, readSync, renameSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connect } from '../../src/shared/database.js'
import { freshKeyring, textOf } from '../../src/shared/keyring.js'
import { tokensOf } from '../support/personaTokens.js'
import { freshSeals } from '../support/seals.js'
import {
  cutConnections,
  newDataDir,
  postgresOf,
  type Started,
  start,
  stop,
  temporaryFolder,
  urlOf,
  withClient,
} from '../support/started.js'

async function open(dataDir: string, environment: Record<string, string> = {}, node = process.execPath) {
  const server = start(dataDir, { environment, command: [node, 'dist/main.js'] })
  const address = await server.open
  if (!address) throw new Error((await server.ended).errors)
  return { server, address }
}

async function answers(address: string): Promise<boolean> {
  const query = encodeURIComponent('{ agencies(first: 1) { nodes { code } } }')
  const answer = await fetch(`${address}?query=${query}`, { headers: { 'apollo-require-preflight': '1' } }).catch(
    () => {},
  )
  return answer?.status === 200
}

async function register(address: string, token: string, code: string): Promise<boolean> {
  const query = `mutation ($input: RegisterAgencyInput!) { registerAgency(input: $input) { agency { code } } }`
  const input = {
    code,
    type: 'STATE_AGENCY',
    name: { az: code, en: code, ru: code },
    source: 'An act',
    idempotencyKey: randomUUID(),
  }
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const body = JSON.stringify({ query, variables: { input } })
  const answer = await fetch(address, { method: 'POST', headers, body }).then(
    (answer) => answer.json(),
    () => undefined,
  )
  return answer?.data?.registerAgency?.agency?.code === code
}

/** By role, the children of a supervisor. */
function childrenOf({ process: { pid } }: Started): Record<string, number> {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  return Object.fromEntries(children.flatMap((child) => roleOf(child).map((role) => [role, Number(child)])))
}
const roleOf = (pid: string) =>
  /main\.js\0(api|worker|sandbox)\0$/.exec(contents(`/proc/${pid}/cmdline`))?.slice(1) ?? []

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const eventually = { timeout: 20_000, interval: 20 }

test('API, worker and login are processes, whose parameters and environment do not name the database', async () => {
  const dataDir = newDataDir()
  const { server } = await open(dataDir)
  const children = childrenOf(server)
  expect(Object.keys(children).sort()).toEqual(['api', 'sandbox', 'worker'])
  const password = new URL(urlOf(dataDir)).password
  for (const pid of Object.values(children))
    for (const file of ['cmdline', 'environ']) expect(contents(`/proc/${pid}/${file}`)).not.toContain(password)
  expect(await stop(server)).toBe(0)
})

test('connections that are cut again and again, while all of them are used, cost no process', async () => {
  const dataDir = newDataDir()
  const { server, address } = await open(dataDir, { RATE_REQUESTS: '999999', RATE_COMMANDS: '999999' })
  const login = new URL((await server.login) as string)
  const token = await tokensOf('operator', { dataDir, sandboxPort: Number(login.port) })()
  const children = childrenOf(server)
  let asking = true
  const askers = Array.from({ length: 8 }, async (_, asker) => {
    for (let round = 0; asking; round++)
      await Promise.all([answers(address), register(address, token, `A${asker}-${round}`)])
  })
  await withClient(dataDir, async (client) => {
    for (let round = 0; round < 100; round++) {
      await cutConnections(client)
      await sleep(20)
    }
  })
  asking = false
  await Promise.all(askers)
  expect(childrenOf(server)).toEqual(children)
  // The supervisor owns its PostgreSQL again, so that no second server takes the folder.
  const second = start(dataDir)
  expect((await second.ended).errors).toContain(`another server (process ${server.process.pid}) already uses`)
  // More at once than there are connections: each of them is as good as new.
  await expect
    .poll(
      async () => (await Promise.all(Array.from({ length: 40 }, () => answers(address)))).every(Boolean),
      eventually,
    )
    .toBe(true)
  expect(await register(address, token, 'LAST')).toBe(true)
  expect(await stop(server)).toBe(0)
})

test('what must stay secret is in the environment of no child, and in none of PostgreSQL', async () => {
  const dataDir = newDataDir()
  const { server } = await open(dataDir, { KEYRING: textOf(freshKeyring()) })
  const { pid } = server.process
  expect(contents(`/proc/${pid}/environ`)).toContain('KEYRING')
  for (const child of Object.values(childrenOf(server)))
    expect(contents(`/proc/${child}/environ`)).toMatch(/^(?!.*KEYRING).*DATA_DIR/s)
  const postgres = contents(`/proc/${postgresOf(dataDir)}/environ`)
    .split('\0')
    .filter(Boolean)
  expect(postgres.filter((variable) => !/^(PATH|LANG|PG\w+)=/.test(variable))).toEqual([])
  expect(await stop(server)).toBe(0)
})

/** Whether that stands anywhere in what the process has in memory. */
function hasInMemory(pid: number, text: string): boolean {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    return writableOf(pid).some(([from, to]) => {
      const bytes = Buffer.alloc(Number(to - from))
      try {
        readSync(memory, bytes, 0, bytes.length, from)
      } catch {
        return false // it was given back meanwhile
      }
      return bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'))
    })
  } finally {
    closeSync(memory)
  }
}
const writableOf = (pid: number) =>
  [...contents(`/proc/${pid}/maps`).matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)].map(
    ([, from, to]) => [BigInt(`0x${from}`), BigInt(`0x${to}`)] as const,
  )

test('the keys of agencies are in the memory of the worker, and never in that of the API', async () => {
  const seals = await freshSeals()
  const { server } = await open(newDataDir(), { SEALS: JSON.stringify(seals) })
  const { api, worker } = childrenOf(server) as { api: number; worker: number }
  const [receipts, agency] = [seals.receipts[0]?.key, seals.agencies.DVX?.[0]?.key].map(
    (pem) => pem?.split('\n')[1] as string, // of a key in PEM
  ) as [string, string]
  expect([hasInMemory(worker, receipts), hasInMemory(worker, agency)]).toEqual([true, true])
  expect([hasInMemory(api, receipts), hasInMemory(api, agency)]).toEqual([true, false])
  for (const child of Object.values(childrenOf(server))) expect(contents(`/proc/${child}/environ`)).not.toMatch(/SEALS/)
  expect(await stop(server)).toBe(0)
})

// A program that is gone is told as too many processes are; one that leads nowhere throws, as a lack of memory does.
test.each([
  ['told', () => {}],
  ['thrown', (node: string) => symlinkSync(node, node)],
])('a process that cannot be made, which is %s, is a start that came to nothing', async (_, spoil) => {
  const node = join(temporaryFolder(), 'node')
  copyFileSync(process.execPath, node)
  const { server, address } = await open(newDataDir(), {}, node)
  const before = childrenOf(server)
  renameSync(node, `${node}.away`)
  spoil(node)
  process.kill(before.worker as number, 'SIGKILL')
  await sleep(1500)
  expect(await answers(address)).toBe(true)
  const { worker, ...others } = before
  expect(childrenOf(server)).toEqual(others)
  renameSync(`${node}.away`, node)
  await expect.poll(() => Object.keys(childrenOf(server)).sort(), eventually).toEqual(['api', 'sandbox', 'worker'])
  expect(await stop(server)).toBe(0)
})

test.each(['api', 'worker', 'sandbox'])(
  'the %s dies again and again and is started again, at the same address; the others live on',
  async (role) => {
    const { server, address } = await open(newDataDir())
    const login = (await server.login) as string
    const before = childrenOf(server)
    for (let times = 0; times < 3; times++) {
      const dying = childrenOf(server)[role] as number
      process.kill(dying, 'SIGKILL')
      await expect.poll(() => childrenOf(server)[role] ?? dying, eventually).not.toBe(dying)
      await expect.poll(() => answers(address), eventually).toBe(true)
      await expect
        .poll(
          () =>
            fetch(login)
              .then(({ ok }) => ok)
              .catch(() => false),
          eventually,
        )
        .toBe(true)
    }
    expect({ ...childrenOf(server), [role]: 0 }).toEqual({ ...before, [role]: 0 })
    expect(await stop(server)).toBe(0)
  },
)

test('who signed in is believed while the login is away, and by an API that has just been started', async () => {
  const dataDir = newDataDir()
  const { server, address } = await open(dataDir)
  const login = (await server.login) as string
  const token = await tokensOf('citizen', { dataDir, sandboxPort: Number(new URL(login).port) })()
  const asked = () =>
    fetch(`${address}?query={__typename}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    })
      .then(({ status }) => status)
      .catch(() => 0)
  expect(await asked()).toBe(200)
  process.kill(childrenOf(server).sandbox as number, 'SIGKILL')
  expect(await asked()).toBe(200)
  process.kill(childrenOf(server).api as number, 'SIGKILL')
  await expect.poll(asked, eventually).toBe(200)
  expect(await stop(server)).toBe(0)
})

test.each(['SIGKILL', 'SIGTERM'] as const)('after a %s of their supervisor no child is left', async (signal) => {
  const { server } = await open(newDataDir())
  const children = Object.values(childrenOf(server))
  server.process.kill(signal)
  await expect.poll(() => children.filter((pid) => roleOf(String(pid)).length > 0), eventually).toEqual([])
  await server.ended
})

test('one that cannot begin again ends all, and says why', async () => {
  const { server, address } = await open(newDataDir())
  const { api } = childrenOf(server)
  // Somebody takes its place between two starts.
  process.kill(api as number, 'SIGKILL')
  const { port } = new URL(address)
  const squatter = createServer()
  await expect.poll(() => taken(squatter, Number(port)), { timeout: 20_000, interval: 1 }).toBe(true)
  const { code, errors } = await server.ended
  expect({ code, errors }).toEqual({
    code: 1,
    errors: `pencere: HOST and PORT must name an address that is free; listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
  })
  squatter.close()
})

const taken = (squatter: ReturnType<typeof createServer>, port: number) =>
  new Promise<boolean>((settle) => {
    squatter.once('listening', () => settle(true)).once('error', () => settle(false))
    if (squatter.listening) settle(true)
    else squatter.listen(port, '127.0.0.1')
  })

test('a failpoint is armed in the first process of a role; the one in its place lives', async () => {
  const dataDir = newDataDir()
  const server = start(dataDir, { environment: { FAILPOINTS: 'sequencer.positioned=kill', LOG_LEVEL: 'warn' } })
  let said = ''
  server.process.stdout?.on('data', (lines) => {
    said += lines
  })
  expect(await server.open).toBeDefined()
  // The seed left events to sweep.
  await expect.poll(() => unplacedAt(urlOf(dataDir)), eventually).toBe(0)
  expect(said.match(/"role":"worker".*"signal":"SIGKILL".*is started again/g)).toHaveLength(1)
  expect(await stop(server)).toBe(0)
})

async function unplacedAt(url: string): Promise<number> {
  const client = connect(url, { max: 1 })
  try {
    const [row] = await client`select count(*) filter (where position is null)::int as unplaced from events`
    return row?.unplaced
  } finally {
    await client.end({ timeout: 1 })
  }
}

test('each role alone, on a database that is named, is a process of its own', async () => {
  const dataDir = newDataDir()
  const { server } = await open(dataDir)
  await withClient(dataDir, (client) => client`create database apart`)
  const keys = { KEYRING: textOf(freshKeyring()), SANDBOX_ALLOWS: 'database-url' }
  const environment = { ...keys, DATABASE_URL: urlOf(dataDir).replace(/postgres$/, 'apart') }
  const worker = start(newDataDir(), { environment: { ...environment, ROLE: 'worker' } })
  const api = await open(newDataDir(), { ...environment, ROLE: 'api' })
  expect(await answers(api.address)).toBe(true)
  const url = environment.DATABASE_URL
  await expect.poll(() => unplacedAt(url), eventually).toBe(0)
  expect(await Promise.all([stop(worker), stop(api.server)])).toEqual([0, 0])
  expect(await stop(server)).toBe(0)
})
