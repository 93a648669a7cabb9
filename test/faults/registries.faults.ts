import { expect, test } from 'vitest'
import { tokensOf } from '../support/personaTokens.js'
import { newDataDir, start, stop } from '../support/started.js'
import { issuerOfTest, tokenOf } from '../support/tokens.js'

const eventually = { timeout: 20_000, interval: 20 }

interface Announcement {
  /** Of whoever keeps them. */
  pid: number
  /** By their codes, their addresses. */
  registries: Record<string, string>
}

/** A server that says where its registries are, each time they are started. */
async function open(dataDir: string, environment: Record<string, string> = {}) {
  const server = start(dataDir, { environment: { LOG_LEVEL: 'info', ...environment } })
  let said = ''
  server.process.stdout?.on('data', (chunk) => {
    said += chunk
  })
  const announced = (): Announcement[] =>
    said.split('\n').flatMap((line) => (/^\{.*"registries":.*\}$/.test(line) ? [JSON.parse(line)] : []))
  const address = await server.open
  if (!address) throw new Error((await server.ended).errors)
  return { server, address, announced }
}

const sandbox = (dataDir: string, given: string[], environment: Record<string, string> = {}) =>
  start(dataDir, { command: [process.execPath, 'dist/sandbox/sandbox.js', ...given], environment }).ended

async function askAs(token: string, address: string) {
  const answer = 'record { __typename } unavailable { reason }'
  const query = `{ viewer { person { population { ${answer} } traffic { ${answer} } } } }`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify({ query }) })
  return (await response.json()).data.viewer.person
}
const tokenAt = async (dataDir: string, login: string | undefined) =>
  await tokensOf('citizen', { dataDir, sandboxPort: Number(new URL(login as string).port) })()

const held = (type: string) => ({ record: { __typename: type }, unavailable: null })
const away = { record: null, unavailable: { reason: 'DOWN' } }

test('a sandbox asks registries of its own, of which one that is down is one that is down, before the first start and after another', async () => {
  const dataDir = newDataDir()
  expect((await sandbox(dataDir, ['traffic', 'down'])).code).toBe(0)
  for (let starts = 0; starts < 2; starts++) {
    const { server, address } = await open(dataDir)
    const token = await tokenAt(dataDir, await server.login)
    const before = { population: held('PopulationRecord'), traffic: away }
    expect(await askAs(token, address)).toEqual(before)
    if (starts === 1) {
      expect((await sandbox(dataDir, ['traffic', 'up'])).code).toBe(0)
      expect(await askAs(token, address)).toEqual({ ...before, traffic: held('TrafficRecord') })
    }
    expect(await stop(server)).toBe(0)
  }
})

test('its registries are where they were when they are started again', async () => {
  const { server, announced } = await open(newDataDir())
  await expect.poll(() => announced().length, eventually).toBe(1)
  const [before] = announced() as [Announcement]
  expect(Object.keys(before.registries)).toHaveLength(7)
  process.kill(before.pid, 'SIGKILL')
  await expect.poll(() => announced().length, eventually).toBe(2)
  expect(announced()[1]?.registries).toEqual(before.registries)
  for (const address of Object.values(before.registries)) expect((await fetch(address)).status).toBe(400)
  expect(await stop(server)).toBe(0)
})

test('a sandbox that was told who signs people in has registries of its own, and no login', async () => {
  const { server, address, announced } = await open(newDataDir(), { ISSUERS: JSON.stringify([issuerOfTest]) })
  await expect.poll(() => announced().length, eventually).toBe(1)
  expect(await askAs(await tokenOf('citizen'), address)).toEqual({
    ...{ population: held('PopulationRecord'), traffic: held('TrafficRecord') },
  })
  expect(await stop(server)).toBe(0)
  expect(await server.login).toBeUndefined()
})

test('a sandbox that was told of registries has none of its own, and a login', async () => {
  const dataDir = newDataDir()
  const [client, securityServer] = ['TEST/GOV/TEST/pencere', { url: 'http://127.0.0.1:1' }]
  const EXCHANGE = JSON.stringify({ client, securityServer, registries: { FINES: { system: 'TEST/GOV/TEST/fines' } } })
  const environment = { EXCHANGE, SANDBOX_ALLOWS: 'exchange' }
  const { server, address, announced } = await open(dataDir, environment)
  expect(await askAs(await tokenAt(dataDir, await server.login), address)).toEqual({
    population: { record: null, unavailable: { reason: 'NOT_CONNECTED' } },
    traffic: away,
  })
  expect(announced()).toEqual([])
  expect(await stop(server)).toBe(0)
  const { code, errors } = await sandbox(dataDir, ['traffic', 'down'], environment)
  expect([code, errors]).toEqual([1, expect.stringContaining('EXCHANGE names others')])
})
