import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, copyFileSync, openSync, readFileSync, readSync, renameSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { connect } from '../../src/platform/database.js'
import { freshKeyring, textOf } from '../../src/platform/keyring.js'
import { long } from '../support/long.js'
import { tokensOf } from '../support/personaTokens.js'
import { freshSigningKeys } from '../support/signingKeys.js'
import {
  cutConnections,
  newDataDir,
  opened,
  postgresAlone,
  postgresOf,
  type Started,
  sharedServer,
  start,
  stop,
  temporaryFolder,
  timedBy,
  urlOf,
  usedDataDir,
  withClient,
} from '../support/started.js'

/** The program of the server's processes, which a test takes away. */
const node = join(temporaryFolder({ lifetime: 'file' }), 'node')
copyFileSync(process.execPath, node)
const [signingKeys, dataDir] = [await freshSigningKeys(), usedDataDir({ lifetime: 'file' })]
const serving = sharedServer({
  dataDir,
  environment: {
    LOG_LEVEL: 'warn',
    RATE_REQUESTS: '999999',
    RATE_COMMANDS: '999999',
    KEYRING: readFileSync(join(dataDir, 'keyring.json'), 'utf8'),
    SIGNING_KEYS: JSON.stringify(signingKeys),
  },
  command: [node, 'dist/main.js'],
})
const eventually = { timeout: 60_000, interval: 20 }

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

/** The children of a supervisor by role. */
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

/** Whether the text is in the process's memory. */
function hasInMemory(pid: number, text: string): boolean {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    return writableOf(pid).some(([from, to]) => {
      const bytes = Buffer.alloc(Number(to - from))
      try {
        readSync(memory, bytes, 0, bytes.length, from)
      } catch {
        return false // the region was freed meanwhile
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

describe('The processes of a server', () => {
  it('are the API, the worker and the sandbox, and do not show how to reach the database', async () => {
    const { server } = await serving()
    const children = childrenOf(server)
    expect(Object.keys(children).sort()).toEqual(['api', 'sandbox', 'worker'])
    const { password } = new URL(urlOf(dataDir))
    for (const pid of Object.values(children))
      for (const file of ['cmdline', 'environ']) expect(contents(`/proc/${pid}/${file}`)).not.toContain(password)
  })

  it('share no secret through an environment, and keep the keys of agencies out of the API', async () => {
    const { server } = await serving()
    expect(contents(`/proc/${server.process.pid}/environ`)).toMatch(/KEYRING.*SIGNING_KEYS/s)
    for (const child of Object.values(childrenOf(server)))
      expect(contents(`/proc/${child}/environ`)).toMatch(/^(?!.*(KEYRING|SIGNING_KEYS)).*DATA_DIR/s)
    const variables = contents(`/proc/${postgresOf(dataDir)}/environ`)
      .split('\0')
      .filter(Boolean)
    expect(variables.filter((variable) => !/^(PATH|LANG|PG\w+)=/.test(variable))).toEqual([])

    const { api, worker } = childrenOf(server) as { api: number; worker: number }
    const [receipts, agency] = [signingKeys.receipts[0]?.key, signingKeys.agencies.DVX?.[0]?.key].map(
      (pem) => pem?.split('\n')[1] as string, // the first line of a PEM key
    ) as [string, string]
    expect([hasInMemory(worker, receipts), hasInMemory(worker, agency)]).toEqual([true, true])
    expect([hasInMemory(api, receipts), hasInMemory(api, agency)]).toEqual([true, false])
  })

  it('survive that all connections are cut again and again', async () => {
    const { server, address } = await serving()
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
    // The supervisor owns its PostgreSQL again, so no second server takes the folder.
    const second = start(dataDir, postgresAlone)
    expect((await second.ended).errors).toContain(`another server (process ${server.process.pid}) already uses`)
    // More concurrent requests than connections: each connection works again.
    const many = () => Promise.all(Array.from({ length: 40 }, () => answers(address)))
    await expect.poll(async () => (await many()).every(Boolean), eventually).toBe(true)
    expect(await register(address, token, 'LAST')).toBe(true)
  })

  it.each(['api', 'worker', 'sandbox'])(
    'start again at the same address whenever the %s is killed, and leave the others alone',
    async (role) => {
      const { server, address } = await serving()
      const login = (await server.login) as string
      const before = childrenOf(server)
      const signsIn = () =>
        fetch(login).then(
          ({ ok }) => ok,
          () => false,
        )
      for (let times = 0; times < (long ? 3 : 2); times++) {
        const dying = childrenOf(server)[role] as number
        process.kill(dying, 'SIGKILL')
        await expect.poll(() => childrenOf(server)[role] ?? dying, eventually).not.toBe(dying)
        await expect.poll(() => answers(address), eventually).toBe(true)
        await expect.poll(signsIn, eventually).toBe(true)
      }
      expect({ ...childrenOf(server), [role]: 0 }).toEqual({ ...before, [role]: 0 })
    },
  )

  it('believe a token while the login is away, also in an API that has just been started', async () => {
    const { server, address } = await serving()
    const login = new URL((await server.login) as string)
    const token = await tokensOf('citizen', { dataDir, sandboxPort: Number(login.port) })()
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const asked = () =>
      fetch(`${address}?query={__typename}`, { headers }).then(
        ({ status }) => status,
        () => 0,
      )
    expect(await asked()).toBe(200)
    const { sandbox, api } = childrenOf(server) as { sandbox: number; api: number }
    process.kill(sandbox, 'SIGKILL')
    expect(await asked()).toBe(200)
    process.kill(api, 'SIGKILL')
    await expect.poll(asked, eventually).toBe(200)
  })

  it('run each by itself on a database that is named, and all make its first start at once', async () => {
    await serving()
    await withClient(dataDir, (client) => client`create database apart`)
    const environment = {
      KEYRING: textOf(freshKeyring()),
      SANDBOX_ALLOWS: 'database-url',
      DATABASE_URL: urlOf(dataDir).replace(/postgres$/, 'apart'),
    }
    const startAs = (ROLE: string) => start(newDataDir(), { environment: { ...environment, ROLE } })
    const worker = startAs('worker')
    const apis = [startAs('api'), startAs('api')]
    for (const api of apis) expect(await answers((await opened(api)).address)).toBe(true)
    // The seed left events; the worker assigns their positions.
    const client = connect(environment.DATABASE_URL, { max: 1 })
    await expect.poll(() => client`select 1 from events where position is null`, eventually).toEqual([])
    await client.end()
    expect(await Promise.all([worker, ...apis].map(stop))).toEqual([0, 0, 0])
  })

  it('end all together and with one line when one of them cannot begin again', async () => {
    const { server } = await opened(start(usedDataDir(), timedBy({ longestRestartPause: 100 })))
    const { port } = new URL((await server.login) as string)
    // Another process takes the port of the sandbox between two starts.
    process.kill(childrenOf(server).sandbox as number, 'SIGKILL')
    const squatter = createServer()
    await expect.poll(() => taken(squatter, Number(port)), { timeout: 60_000, interval: 1 }).toBe(true)
    const { code, errors } = await server.ended
    expect(code).toBe(1)
    expect(errors.split('\n').at(-2)).toBe(
      `pencere: SANDBOX_PORT must name a port that is free; listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    )
    squatter.close()
  })

  it('start again once they can be made, whether their program was missing or led nowhere', async () => {
    const { server, address } = await serving()
    const before = childrenOf(server)
    const { worker: _, ...others } = before
    // The first emits an error, like too many processes; the second throws, like a lack of memory.
    for (const [code, spoil] of [
      ['ENOENT', () => {}],
      ['ELOOP', () => symlinkSync(node, node)],
    ] as const) {
      renameSync(node, `${node}.away`)
      spoil()
      process.kill(childrenOf(server).worker as number, 'SIGKILL')
      expect(await server.written(new RegExp(`it cannot be started: .*(${code})`))).toBe(code)
      expect(await answers(address)).toBe(true)
      expect(childrenOf(server)).toEqual(others)
      renameSync(`${node}.away`, node)
      await expect.poll(() => Object.keys(childrenOf(server)), eventually).toHaveLength(3)
    }
  })

  it('end after a SIGKILL of their supervisor', async () => {
    const { server } = await serving()
    const children = Object.values(childrenOf(server))
    server.process.kill('SIGKILL')
    await expect.poll(() => children.filter((pid) => roleOf(String(pid)).length > 0), eventually).toEqual([])
    await server.ended
  })
})

const taken = (squatter: Server, port: number) =>
  once(squatter.listen(port, '127.0.0.1'), 'listening').then(
    () => true,
    () => false,
  )
