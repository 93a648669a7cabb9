import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connect } from '../../src/platform/database.js'
import { startEmbeddedPostgres } from '../../src/platform/embeddedPostgres.js'
import {
  isRoot,
  newDataDir,
  postgresAlone,
  postgresOf,
  type StartOptions,
  start,
  temporaryFolder,
  usedDataDir,
} from '../support/started.js'

/** The single line it ends with; the exit code must be 1. */
async function refusalOf(dataDir: string, options: StartOptions = {}): Promise<string> {
  const { code, errors } = await start(dataDir, options).ended
  expect(code).toBe(1)
  const [line, ...more] = errors.split('\n')
  expect(more).toEqual([''])
  return (line as string).replace(/^pencere: /, '')
}

describe('A start that is refused, with one line', () => {
  it.each([
    ['PORT', 'HOST and PORT must name an address that is free'],
    ['SANDBOX_PORT', 'SANDBOX_PORT must name a port that is free'],
  ])('says that the %s is in use, and leaves no PostgreSQL behind', async (variable, line) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((settle) => taken.once('listening', settle))
    const { port } = taken.address() as AddressInfo
    const dataDir = usedDataDir()
    expect(await refusalOf(dataDir, { environment: { [variable]: String(port) } })).toBe(
      `${line}; listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    )
    expect(postgresOf(dataDir)).toBeUndefined()
    taken.close()
  })

  it('says which value of the configuration is wrong', async () => {
    expect(await refusalOf(newDataDir(), { environment: { PORT: 'http' } })).toBe(
      'PORT must be a whole number from 0 to 65535; got "http"',
    )
  })

  it('says that the database does not answer, does not let it in, does not exist or is too old', async () => {
    const server = await startEmbeddedPostgres(usedDataDir())
    const client = connect(server.url, { max: 1 })
    await client`create schema old`
    await client`create function old.current_setting(text) returns text language sql as $$
      select case $1 when 'server_version_num' then '140011' else '14.11' end $$`
    await client.end()
    const refused = (change: Partial<URL>) => {
      const DATABASE_URL = Object.assign(new URL(server.url), change).href
      return refusalOf(newDataDir(), { environment: { ROLE: 'api', DATABASE_URL, SANDBOX_ALLOWS: 'database-url' } })
    }
    expect(await refused({ host: '127.0.0.1:1' })).toBe(
      'PostgreSQL at 127.0.0.1:1/postgres cannot be used: connect ECONNREFUSED 127.0.0.1:1',
    )
    expect(await refused({ password: 'wrong' })).toMatch(/password authentication failed for user "pencere"$/)
    expect(await refused({ pathname: '/nowhere' })).toMatch(/database "nowhere" does not exist$/)
    expect(await refused({ search: '?search_path=old,pg_catalog,public' })).toMatch(
      /PostgreSQL 15 or later is required; the server is 14\.11$/,
    )
    await server.stop()
  })

  it('says that DATA_DIR is no folder', async () => {
    const dataDir = join(temporaryFolder(), 'file')
    writeFileSync(dataDir, '')
    expect(await refusalOf(dataDir)).toMatch(/^DATA_DIR must be a folder that can be written; EEXIST: /)
    const below = join(dataDir, 'below')
    expect(await refusalOf(below, postgresAlone)).toMatch(/^DATA_DIR must be a folder that can be written; ENOTDIR: /)
  })

  it.runIf(isRoot)('says that DATA_DIR cannot be written', async () => {
    const somebody = { ...postgresAlone, uid: 12_345, gid: 12_345 }
    const dataDir = join(temporaryFolder(), 'data')
    const line = /^DATA_DIR must be a folder that can be written; EACCES: /
    expect(await refusalOf(dataDir, somebody)).toMatch(line)
    mkdirSync(dataDir)
    expect(await refusalOf(dataDir, somebody)).toMatch(line)
  })

  it.runIf(isRoot)('says that the PostgreSQL in DATA_DIR belongs to somebody else', async () => {
    const dataDir = usedDataDir()
    chownSync(dataDir, 12_345, 12_345)
    expect(await refusalOf(dataDir, { ...postgresAlone, uid: 12_345, gid: 12_345 })).toMatch(
      /postgres must belong to the user who starts the server; EACCES: /,
    )
  })

  it('says that a migration failed, without its SQL, and leaves no PostgreSQL behind', async () => {
    const dataDir = usedDataDir()
    const server = await startEmbeddedPostgres(dataDir)
    const client = connect(server.url, { max: 1 })
    await client`drop schema drizzle cascade`
    await client.end()
    await server.stop()
    expect(await refusalOf(dataDir)).toMatch(
      /^PostgreSQL at \S+ cannot be used: a migration failed: type "\w+" already exists$/,
    )
    expect(postgresOf(dataDir)).toBeUndefined()
  })

  it('says what PostgreSQL itself refused', async () => {
    const dataDir = usedDataDir()
    writeFileSync(join(dataDir, 'postgres/cluster/PG_VERSION'), '14\n')
    expect(await refusalOf(dataDir, postgresAlone)).toMatch(
      /cannot be used: database files are incompatible with server The data directory was initialized by PostgreSQL version 14/,
    )
  })
})
