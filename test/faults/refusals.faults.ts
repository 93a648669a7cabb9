import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connect } from '../../src/shared/database.js'
import {
  isRoot,
  newDataDir,
  postgresOf,
  type StartOptions,
  start,
  stop,
  temporaryFolder,
  urlOf,
  withClient,
} from '../support/started.js'

const allowed = { SANDBOX_ALLOWS: 'database-url' }

/** One line, and the exit code says so too. */
async function refusalOf(dataDir: string, options: StartOptions = {}): Promise<string> {
  const { code, errors } = await start(dataDir, options).ended
  expect(code).toBe(1)
  const [line, ...more] = errors.split('\n')
  expect(more).toEqual([''])
  return (line as string).replace(/^pencere: /, '')
}

describe('a start says in one line', () => {
  test('that the port is in use, and leaves no PostgreSQL behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((settle) => taken.once('listening', settle))
    const { port } = taken.address() as AddressInfo
    const dataDir = newDataDir()
    expect(await refusalOf(dataDir, { environment: { PORT: String(port) } })).toBe(
      `HOST and PORT must name an address that is free; listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    )
    expect(postgresOf(dataDir)).toBeUndefined()
    taken.close()
  })

  test('that the port of the login is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((settle) => taken.once('listening', settle))
    const { port } = taken.address() as AddressInfo
    const dataDir = newDataDir()
    expect(await refusalOf(dataDir, { environment: { SANDBOX_PORT: String(port) } })).toBe(
      `SANDBOX_PORT must name a port that is free; listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    )
    expect(postgresOf(dataDir)).toBeUndefined()
    taken.close()
  })

  test('that a value of the configuration is wrong', async () => {
    expect(await refusalOf(newDataDir(), { environment: { PORT: 'http' } })).toBe(
      'PORT must be a whole number from 0 to 65535; "http" came',
    )
  })

  test('that the database does not answer', async () => {
    const environment = { DATABASE_URL: 'postgres://pencere:secret@127.0.0.1:1/pencere', ...allowed }
    expect(await refusalOf(newDataDir(), { environment })).toBe(
      'PostgreSQL at 127.0.0.1:1/pencere cannot be used: connect ECONNREFUSED 127.0.0.1:1',
    )
  })

  test('that the password is wrong, the database is not there, or is too old', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    expect(await server.open).toBeDefined()
    const url = new URL(urlOf(dataDir))
    const refused = (change: Partial<URL>) =>
      refusalOf(newDataDir(), { environment: { DATABASE_URL: Object.assign(new URL(url), change).href, ...allowed } })

    expect(await refused({ password: 'wrong' })).toMatch(/password authentication failed for user "pencere"$/)
    expect(await refused({ pathname: '/nowhere' })).toMatch(/database "nowhere" does not exist$/)

    const client = connect(url.href, { max: 1 })
    await client`create schema old`
    await client`create function old.current_setting(text) returns text language sql as $$
      select case $1 when 'server_version_num' then '140011' else '14.11' end $$`
    await client.end()
    expect(await refused({ search: '?search_path=old,pg_catalog,public' })).toMatch(
      /PostgreSQL 15 or later is required; the server is 14\.11$/,
    )
    expect(await stop(server)).toBe(0)
  })

  test('that DATA_DIR is no folder', async () => {
    const dataDir = join(temporaryFolder(), 'file')
    writeFileSync(dataDir, '')
    expect(await refusalOf(dataDir)).toMatch(/^DATA_DIR must be a folder that can be written; EEXIST: /)
    expect(await refusalOf(join(dataDir, 'below'))).toMatch(/^DATA_DIR must be a folder that can be written; ENOTDIR: /)
  })

  test.runIf(isRoot)('that DATA_DIR cannot be written', async () => {
    const somebody = { uid: 12_345, gid: 12_345 }
    const folder = temporaryFolder()
    expect(await refusalOf(join(folder, 'data'), somebody)).toMatch(
      /^DATA_DIR must be a folder that can be written; EACCES: /,
    )
    mkdirSync(join(folder, 'data'))
    expect(await refusalOf(join(folder, 'data'), somebody)).toMatch(
      /^DATA_DIR must be a folder that can be written; EACCES: /,
    )
  })

  test.runIf(isRoot)('that the PostgreSQL in DATA_DIR is somebody else’s', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    await server.open
    expect(await stop(server)).toBe(0)
    chownSync(dataDir, 12_345, 12_345)
    expect(await refusalOf(dataDir, { uid: 12_345, gid: 12_345 })).toMatch(
      /postgres must belong to the user who starts the server; EACCES: /,
    )
  })

  test('that a migration failed, without its SQL, and leaves no PostgreSQL behind', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    expect(await server.open).toBeDefined()
    await withClient(dataDir, (client) => client`drop schema drizzle cascade`)
    expect(await stop(server)).toBe(0)
    expect(await refusalOf(dataDir)).toMatch(
      /^PostgreSQL at \S+ cannot be used: a migration failed: type "\w+" already exists$/,
    )
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  test('what PostgreSQL itself refused', async () => {
    const dataDir = newDataDir()
    const server = start(dataDir)
    await server.open
    expect(await stop(server)).toBe(0)
    writeFileSync(join(dataDir, 'postgres/cluster/PG_VERSION'), '14\n')
    expect(await refusalOf(dataDir)).toMatch(
      /cannot be used: database files are incompatible with server The data directory was initialized by PostgreSQL version 14/,
    )
  })
})
