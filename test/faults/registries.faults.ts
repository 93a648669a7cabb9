import { describe, expect, it } from 'vitest'
import { tokensOf } from '../support/personaTokens.js'
import { opened, type Started, start, stop, usedDataDir } from '../support/started.js'
import { issuerOfTest, tokenOf } from '../support/tokens.js'

const eventually = { timeout: 60_000, interval: 20 }

interface Announcement {
  /** The process of the registries. */
  pid: number
  /** Their addresses, by code. */
  registries: Record<string, string>
}

/** A server that reports its registries' addresses at each start. */
async function open(dataDir: string, environment: Record<string, string> = {}) {
  const { server, address } = await opened(start(dataDir, { environment: { LOG_LEVEL: 'info', ...environment } }))
  return { server, address, announced: announcedBy(server) }
}

const announcedBy =
  ({ output }: Started) =>
  (): Announcement[] =>
    output()
      .split('\n')
      .flatMap((line) => (/^\{.*"registries":.*\}$/.test(line) ? [JSON.parse(line)] : []))

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

describe('The registries of a sandbox', () => {
  it('answer, but for one that was put down before the start, and are restarted at the same addresses', async () => {
    const dataDir = usedDataDir()
    expect((await sandbox(dataDir, ['traffic', 'down'])).code).toBe(0)
    const { server, address, announced } = await open(dataDir)
    const token = await tokenAt(dataDir, await server.login)
    expect(await askAs(token, address)).toEqual({ population: held('PopulationRecord'), traffic: away })
    await expect.poll(() => announced().length, eventually).toBe(1)
    const [before] = announced() as [Announcement]
    expect(Object.keys(before.registries)).toHaveLength(8)

    process.kill(before.pid, 'SIGKILL')
    await expect.poll(() => announced().length, eventually).toBe(2)
    expect(announced()[1]?.registries).toEqual(before.registries)

    expect((await sandbox(dataDir, ['traffic', 'up'])).code).toBe(0)
    for (const address of Object.values(before.registries)) expect((await fetch(address)).status).toBe(400)
    expect(await askAs(token, address)).toEqual({
      population: held('PopulationRecord'),
      traffic: held('TrafficRecord'),
    })
    expect(await stop(server)).toBe(0)
  })

  it('exist without a login if the configuration names who signs people in', async () => {
    const { server, address, announced } = await open(usedDataDir(), { ISSUERS: JSON.stringify([issuerOfTest]) })
    await expect.poll(() => announced().length, eventually).toBe(1)
    expect(await askAs(await tokenOf('citizen'), address)).toEqual({
      population: held('PopulationRecord'),
      traffic: held('TrafficRecord'),
    })
    expect(await stop(server)).toBe(0)
    expect(await server.login).toBeUndefined()
  })

  it('do not exist, and a login does, if the configuration names registries', async () => {
    const dataDir = usedDataDir()
    const [client, securityServer] = ['TEST/GOV/TEST/pencere', { url: 'http://127.0.0.1:1' }]
    const EXCHANGE = JSON.stringify({
      client,
      securityServer,
      registries: { FINES: { system: 'TEST/GOV/TEST/fines' } },
    })
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
})
