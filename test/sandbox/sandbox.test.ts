import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { configFrom } from '../../src/config.js'
import { registries, registryCodes, sandboxExchange } from '../../src/sandbox/registries.js'
import { troubleOf, troubles } from '../../src/sandbox/registryTrouble.js'
import { sandboxCommand } from '../../src/sandbox/sandbox.js'
import { portsOf, withPorts } from '../../src/sandbox/standIns.js'

const parent = mkdtempSync(join(tmpdir(), 'pencere-sandbox-'))
afterAll(() => rmSync(parent, { recursive: true }))
const dataDir = join(parent, 'data')
const config = configFrom({ DATA_DIR: dataDir })
beforeEach(() => rmSync(dataDir, { recursive: true, force: true }))

// The cast: only what asks the bank is awaited.
const command = (...given: string[]) => sandboxCommand(given, config) as string
const names = registryCodes.map((code) => registries[code].name)
const linesOf = (text: string) => text.split('\n').map((line) => line.trim().split(/ +/).slice(0, 2))
const saying = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('an error is required; there was none')
}

describe('sandboxCommand', () => {
  it('prints the state of each registry', () => {
    command('traffic', 'down')
    const states = names.map((name) => [name, name === 'traffic' ? 'down' : 'up'])
    expect(linesOf(command())).toEqual([...states, ['tax-program', 'up'], ['bank', 'up']])
  })

  it.each(names)('sets the state of %s and of no other', (name) => {
    const code = registryCodes.find((code) => registries[code].name === name)!
    for (const trouble of Object.keys(troubles)) {
      expect(linesOf(command(name, trouble))).toEqual([[name, trouble]])
      for (const one of registryCodes)
        expect([one, troubleOf(dataDir, one)]).toEqual([one, one === code ? trouble : 'up'])
    }
  })

  it('works before the first start and repeatedly, and keeps no file for the state up', () => {
    expect(existsSync(dataDir)).toBe(false)
    command('tax', 'slow')
    command('tax', 'slow')
    expect(troubleOf(dataDir, 'AVIS')).toBe('slow')
    expect(readdirSync(dataDir)).toEqual(['tax.trouble'])
    command('tax', 'up')
    command('tax', 'up')
    expect(readdirSync(dataDir)).toEqual([])
  })

  it('makes a folder and files that only their owner can read', () => {
    command('tax', 'slow')
    expect(statSync(dataDir).mode & 0o777).toBe(0o711)
    expect(statSync(join(dataDir, 'tax.trouble')).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['trafic', 'down'],
    ['FINES', 'down'],
    ['down', 'traffic'],
  ])('rejects "%s" and lists the registries', (...given) => {
    const said = saying(() => command(...given))
    expect(
      linesOf(said)
        .slice(1, -1)
        .map(([name]) => name),
    ).toEqual(names)
    expect(said).toMatch(new RegExp(`^sandbox requires the code of a registry:\n[^]*\ngot "${given[0]}"$`))
  })

  it.each([
    [['traffic'], 'got nothing'],
    [['traffic', 'off'], 'got "off"'],
    [['traffic', 'constructor'], 'got "constructor"'],
    [['traffic', 'down', 'tax'], 'got "down tax"'],
  ])('rejects %j and lists the states', (given, came) => {
    const said = saying(() => command(...given))
    expect(
      linesOf(said)
        .slice(1, -1)
        .map(([name]) => name),
    ).toEqual(Object.keys(troubles))
    expect(said.startsWith('sandbox requires a state for traffic:\n')).toBe(true)
    expect(said.split('\n').at(-1)).toBe(came)
    expect(existsSync(dataDir)).toBe(false)
  })

  it('is refused in production and with registries of EXCHANGE', async () => {
    const { registryPorts } = await withPorts(config)
    const exchange = sandboxExchange(portsOf(registryPorts!))
    for (const other of [
      { ...config, exchange },
      { ...config, mode: 'PRODUCTION' as never },
    ])
      for (const given of [[], ['traffic', 'down']])
        expect(() => sandboxCommand(given, other)).toThrow(
          /registries of its own; MODE is production, or EXCHANGE names/,
        )
    expect(existsSync(dataDir)).toBe(false)
  })
})

describe('troubleOf', () => {
  it('rejects an unknown state in a file, which the command can replace', () => {
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'traffic.trouble'), 'broken\n')
    expect(() => troubleOf(dataDir, 'FINES')).toThrow(
      /traffic\.trouble must contain one of up, down, .*; got "broken"$/,
    )
    expect(command('population', 'down')).toContain('population')
    command('traffic', 'failing')
    expect(readFileSync(join(dataDir, 'traffic.trouble'), 'utf8')).toBe('failing\n')
  })
})

describe('withPorts', () => {
  it('finds distinct free ports', async () => {
    const found = await withPorts({ ...config, port: 20_001, sandboxPort: 0 })
    const all = [found.port, found.sandboxPort, ...Object.values(found.registryPorts!)]
    expect(new Set(all).size).toBe(registryCodes.length + 2)
    expect((await withPorts(config)).sandboxPort).toBe(config.sandboxPort)
  })

  it('requires a port of every registry', () => {
    const { AVIS, ...some } = Object.fromEntries(registryCodes.map((code, at) => [code, 20_000 + at]))
    expect(AVIS).toBeDefined()
    expect(() => portsOf(some)).toThrow(/AVIS has none/)
  })
})
