import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { beforeAll, describe, expect, it } from 'vitest'
import { withoutAgencyKeys } from '../../src/documents/issued/signingKeysFrom.js'
import { freshKeyring, textOf } from '../../src/platform/keyring.js'
import { freshSigningKeys } from '../support/signingKeys.js'
import { newDataDir, opened, sharedServer, start, stop, urlOf, usedDataDir, withClient } from '../support/started.js'
import { issuerOfTest } from '../support/tokens.js'

const serving = sharedServer()
const signingKeys = JSON.stringify(await freshSigningKeys())

const keys = (dataDir: string, ...given: string[]) =>
  start(dataDir, { command: [process.execPath, 'dist/keys.js', ...given] }).ended

/** A database with an owner role and a serving role. */
async function ownedDatabase(dataDir: string) {
  const password = randomBytes(8).toString('hex')
  await withClient(dataDir, async (client) => {
    for (const role of ['owner', 'server']) await client.unsafe(`create role ${role} login password '${password}'`)
    await client`create database state owner owner`
  })
  const urlAs = (username: string) =>
    Object.assign(new URL(urlOf(dataDir)), { username, password, pathname: '/state' }).href
  return { DATABASE_URL: urlAs('server'), MIGRATOR_DATABASE_URL: urlAs('owner') }
}

async function expectRefused(environment: Record<string, string>, line: RegExp, dataDir = newDataDir()) {
  const { code, errors } = await start(dataDir, { environment }).ended
  expect(errors).toMatch(line)
  expect(errors.split('\n')).toHaveLength(2)
  expect(code).toBe(1)
}

async function expectServes(environment: Record<string, string>) {
  const { server, address } = await opened(start(newDataDir(), { environment }))
  const url = `${address}?query=${encodeURIComponent('{ services(first: 1) { totalCount } }')}`
  const answer = await fetch(url, { headers: { accept: 'application/json' } })
  expect(await answer.json()).toMatchObject({ data: { services: { totalCount: expect.any(Number) } } })
  expect(await stop(server)).toBe(0)
}

describe('A production', () => {
  const secrets = {
    KEYRING: textOf(freshKeyring()),
    SIGNING_KEYS: signingKeys,
    ISSUERS: JSON.stringify([issuerOfTest]),
  }
  const production = {
    MODE: 'production',
    PUBLIC_URL: 'https://api.example',
    CLAMD: '127.0.0.1:3310',
    ...secrets,
  }
  let urls: { DATABASE_URL: string; MIGRATOR_DATABASE_URL: string }
  beforeAll(async () => {
    urls = await ownedDatabase((await serving()).dataDir)
  })

  it('serves as a role that owns nothing', () => expectServes({ ...production, ...urls }))

  it('serves without knowing the owner once the tables are there', () =>
    expectServes({
      ...production,
      DATABASE_URL: urls.DATABASE_URL,
      ROLE: 'api',
      SIGNING_KEYS: withoutAgencyKeys(signingKeys),
    }))

  it('warns once at the start about agencies with active services and without a signing key', async () => {
    const environment = { ...production, ...urls, LOG_LEVEL: 'warn' }
    const command = [process.execPath, 'dist/seed.js', '--drafts']
    expect(await start(newDataDir(), { command, environment }).ended).toMatchObject({ code: 0, errors: '' })
    const client = postgres(urls.MIGRATOR_DATABASE_URL, { max: 1 })
    const published = await client`update services set status = 'ACTIVE' where status = 'DRAFT' returning id`
    await client.end()
    expect(published.length).toBeGreaterThan(0)
    const { server } = await opened(start(newDataDir(), { environment }))
    const warnings = server
      .output()
      .split('\n')
      .filter((line) => line.includes('these agencies have no signing key'))
      .map((line) => JSON.parse(line).agencies as string[])
    // SIGNING_KEYS has a key of DVX.
    expect(warnings).toEqual([expect.arrayContaining(['DIN', 'DMX'])])
    expect(warnings[0]).not.toContain('DVX')
    expect(await stop(server)).toBe(0)
  })

  it('does not become a sandbox', () =>
    expectRefused(
      { ...urls, ...secrets, ROLE: 'worker', SANDBOX_ALLOWS: 'database-url' },
      /MODE must be production, as this database has been from its first migration; it is sandbox$/m,
    ))

  it('does not start with the keys of another database', () =>
    expectRefused(
      { ...production, ...urls, ROLE: 'worker', KEYRING: textOf(freshKeyring()) },
      /must be the key that this database uses; the keyring has another$/m,
    ))

  it('does not start on the database of a sandbox', async () => {
    const { dataDir } = await serving()
    await expectRefused(
      { ...production, ROLE: 'worker', DATABASE_URL: urlOf(dataDir) },
      /MODE must be sandbox, as this database has been from its first migration; it is production$/m,
    )
  })
})

describe('A sandbox', () => {
  it('takes a new key while it runs, and forgets the old one after its next start', async () => {
    const { dataDir, server } = await serving()
    expect(await keys(dataDir, 'rotate', 'wrapping')).toMatchObject({ code: 0, errors: '' })
    expect(await stop(server)).toBe(0)
    await serving()
    const kept = async () => {
      const [row] = await withClient(
        dataDir,
        (client) => client`select keyring_check::json->'wrapping' as kept from installation`,
      )
      return Object.keys(row?.kept)
    }
    expect(await keys(dataDir, 'rewrap')).toMatchObject({ code: 0, errors: '' })
    expect(await kept()).toEqual(['k1', 'k2'])
    expect(await keys(dataDir, 'forget', 'wrapping', 'k1')).toMatchObject({ code: 0, errors: '' })
    expect(await kept()).toEqual(['k2'])
  })

  it('does not start without the keys that it had', async () => {
    const dataDir = usedDataDir()
    rmSync(join(dataDir, 'keyring.json'))
    await expectRefused(
      {},
      /the key k1 of wrapping must be the key that this database uses; the keyring has another$/m,
      dataDir,
    )
  })
})
