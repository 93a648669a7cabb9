import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshKeyring, textOf } from '../../src/shared/keyring.js'
import { freshSeals } from '../support/seals.js'
import { newDataDir, start, stop, urlOf, withClient } from '../support/started.js'
import { issuerOfTest } from '../support/tokens.js'

const keys = (dataDir: string, ...given: string[]) =>
  start(dataDir, { command: [process.execPath, 'dist/keys.js', ...given] }).ended

/** A PostgreSQL to be somebody else's, with a role that owns a database and one that is to serve from it. */
async function foreignDatabase() {
  const dataDir = newDataDir()
  const host = start(dataDir)
  expect(await host.open).toBeDefined()
  const password = randomBytes(8).toString('hex')
  await withClient(dataDir, async (client) => {
    for (const role of ['owner', 'server']) await client.unsafe(`create role ${role} login password '${password}'`)
    await client`create database state owner owner`
  })
  const urlAs = (username: string) =>
    Object.assign(new URL(urlOf(dataDir)), { username, password, pathname: '/state' }).href
  return { host, DATABASE_URL: urlAs('server'), MIGRATOR_DATABASE_URL: urlAs('owner') }
}

async function expectRefused(environment: Record<string, string>, line: RegExp, dataDir = newDataDir()) {
  const { code, errors } = await start(dataDir, { environment }).ended
  expect(errors).toMatch(line)
  expect(errors.split('\n')).toHaveLength(2)
  expect(code).toBe(1)
}

async function ask(address: string | undefined) {
  const url = `${address}?query=${encodeURIComponent('{ services(first: 1) { totalCount } }')}`
  return (await fetch(url, { headers: { accept: 'application/json' } })).json()
}

describe('a production', () => {
  test('serves as a role that owns nothing, keeps no secret in a file, and is no sandbox', async () => {
    const { host, ...urls } = await foreignDatabase()
    const SEALS = JSON.stringify(await freshSeals())
    const secrets = { KEYRING: textOf(freshKeyring()), SEALS, ISSUERS: JSON.stringify([issuerOfTest]) }
    const production = {
      MODE: 'production',
      PUBLIC_URL: 'https://api.example',
      CLAMD: '127.0.0.1:3310',
      ...urls,
      ...secrets,
    }
    const first = start(newDataDir(), { environment: production })
    expect(await ask(await first.open)).toMatchObject({ data: { services: { totalCount: expect.any(Number) } } })
    expect(await stop(first)).toBe(0)

    const { MIGRATOR_DATABASE_URL, ...withoutOwner } = production
    const later = start(newDataDir(), { environment: withoutOwner })
    expect(await ask(await later.open)).toMatchObject({ data: { services: { totalCount: expect.any(Number) } } })
    expect(await stop(later)).toBe(0)

    const sandbox = { ...urls, ...secrets, SANDBOX_ALLOWS: 'database-url' }
    await expectRefused(
      sandbox,
      /MODE must be production, as this database has been from its first migration; it is sandbox$/m,
    )
    const otherKeys = { ...production, KEYRING: textOf(freshKeyring()) }
    await expectRefused(otherKeys, /must be that by which data stands here; the keyring holds another$/m)
    expect(await stop(host)).toBe(0)
  })
})

describe('a sandbox', () => {
  test('does not become a production', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    expect(await server.open).toBeDefined()
    const SEALS = JSON.stringify(await freshSeals())
    const given = { KEYRING: textOf(freshKeyring()), SEALS, ISSUERS: JSON.stringify([issuerOfTest]) }
    await expectRefused(
      {
        MODE: 'production',
        PUBLIC_URL: 'https://api.example',
        CLAMD: '127.0.0.1:3310',
        DATABASE_URL: urlOf(dataDir),
        ...given,
      },
      /MODE must be sandbox, as this database has been from its first migration; it is production$/m,
    )
    expect(await stop(server)).toBe(0)
  })

  test('whose keys were lost does not start as if it had none', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    expect(await server.open).toBeDefined()
    expect(await stop(server)).toBe(0)
    rmSync(join(dataDir, 'keyring.json'))
    await expectRefused(
      {},
      /the key k1 of wrapping must be that by which data stands here; the keyring holds another$/m,
      dataDir,
    )
  })

  test('is given a new key while it runs, and the old one goes after its next start, once somebody says so', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    expect(await server.open).toBeDefined()
    expect(await keys(dataDir, 'rotate', 'wrapping')).toMatchObject({ code: 0, errors: '' })
    expect(await stop(server)).toBe(0)
    const next = start(dataDir)
    expect(await next.open).toBeDefined()
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
    expect(await stop(next)).toBe(0)
  })
})
